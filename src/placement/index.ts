// The face of the placement domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'
export { providerEnsure, type ProviderWanted } from './providers.ts'
export { allocationsClaim, allocationsOf, allocationsRelease, allocationsTransfer, type Claim } from './allocations.ts'
export { allocationCandidatesFind, type CandidateRequest, type Candidates } from './candidates.ts'

export const domain: Domain = { name: 'placement', migrations: {}, policy: {}, services: [], work: [] }

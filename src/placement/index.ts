// The face of the placement domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'
import { placement } from './store/migrations/0001-placement.ts'

export { providerAggregatesEnsure, providerEnsure, providerForget, type InventoryWanted, type ProviderWanted } from './provider-ensure.ts'
export { allocationsClaim, allocationsOf, allocationsRelease, allocationsTransfer, type Amounts, type Claim } from './allocations.ts'
export { allocationCandidatesFind, usagesByProvider, type Candidate, type CandidateRequest } from './candidates.ts'

export const domain: Domain = { name: 'placement', migrations: { '0001-placement': placement }, policy: {}, services: [], work: [] }

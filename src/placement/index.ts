// The face of the placement domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export {
  providerAggregatesEnsure,
  providerEnsure,
  hostProviderDelete,
  type InventoryWanted,
  type ProviderWanted,
} from './provider-ensure.ts'
export {
  allocationsClaim,
  allocationsOf,
  allocationsOfConsumers,
  allocationsRelease,
  consumersPage,
  allocationsTransfer,
  type Amounts,
  type Claim,
} from './allocations.ts'
export { standardResourceClasses } from './data/standard-resource-classes.ts'
export { standardTraits } from './data/standard-traits.ts'
export { shortagesOf } from './shortages.ts'
export { allocationCandidatesFind, usagesByProvider, type Candidate, type CandidateRequest } from './candidates.ts'

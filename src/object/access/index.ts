// Who may: for both doors.
export type { Act } from './acts.ts'
export { decide } from './decide.ts'
export { retentionMayChange, retentionOf, type DefaultRetention, type LockMode, type ObjectLock } from './lock.ts'
export type { Question, Verdict } from './question.ts'
export {
  cannedGrants,
  grantIsPublic,
  grantsMax,
  grantsOf,
  isGroup,
  permissions,
  type Acl,
  type Grant,
  type Group,
  type Permission,
} from './s3/grants.ts'
export { policyIsPublic } from './s3/policy-public.ts'
export { PolicyFault, policyMaxBytes, policyRead, principalNamed, principalsOf, type BucketPolicy } from './s3/policy.ts'
export { aclsEnabled, type AccessSettings, type Ownership, type PublicAccessBlock, type Tags } from './s3/settings.ts'
export { publicAclBlocked } from './s3-rules.ts'
export { bucketGrantsOf, bucketGrantsSplit, objectGrantsOf } from './s3/swift-acl.ts'
export { TagFault, tagPairsOf, tagsChecked } from './s3/tags.ts'
export { matches } from './s3/wildcard.ts'
export { cleanAcl } from './swift-acl.ts'

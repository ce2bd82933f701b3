// What S3 keeps of a container, in its row's `settings`: one field a sub-resource. A container that Swift made has none of them.
import type { Acl } from './grants.ts'

export type Ownership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter'

export interface PublicAccessBlock {
  blockPublicAcls: boolean
  ignorePublicAcls: boolean
  blockPublicPolicy: boolean
  restrictPublicBuckets: boolean
}

export type Tags = Record<string, string>

export interface AccessSettings {
  acl?: Acl
  /** the text as it was sent */
  policy?: string
  publicAccess?: PublicAccessBlock
  /** 'removed': DeleteBucketOwnershipControls was called; ACLs count then, as they did before there were such controls */
  ownership?: Ownership | 'removed'
  tags?: Tags
}

/** Do ACLs of objects count in this bucket? Not where its owner owns all, which is so unless somebody said otherwise. */
export const aclsEnabled = ({ ownership = 'BucketOwnerEnforced' }: AccessSettings): boolean => ownership !== 'BucketOwnerEnforced'

// The ACL that a request wants: a canned one, grants in headers, or a body; and whether this bucket takes it.
import { aclsEnabled, cannedGrants, grantIsPublic, type Grant } from '../../access/index.ts'
import type { BucketSettings } from '../bucket-settings.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { S3Call } from '../operation.ts'
import { accountExists } from '../policy/principals.ts'
import { grantHeadersRead } from './xml.ts'

export interface Owners {
  /** of what the ACL is for */
  owner: string
  bucketOwner: string
  on: 'bucket' | 'object'
}

/** The grants that the headers ask for; null when they ask for none. */
export function aclOfHeaders({ request: { headers } }: S3Call, { owner, bucketOwner, on }: Owners): Grant[] | null {
  const canned = headers.get('x-amz-acl')?.trim() || undefined
  const granted = grantHeadersRead(headers)
  if (canned === undefined) return granted
  if (granted) throw new S3Error('InvalidRequest', 'Specifying both Canned ACLs and Header Grants is not allowed.')
  const found = cannedGrants(canned, { on, owner, bucketOwner })
  if (!found) throw invalidArgument('x-amz-acl', canned, '')
  return found
}

/** Refuses grants to people that are not, ACLs where there are none, and public ones where they are blocked. */
export async function grantsCheck(call: S3Call, settings: BucketSettings, grants: readonly Grant[], bucketOwner: string): Promise<void> {
  if (!aclsEnabled(settings)) {
    if (grants.every((grant) => grant.grantee === bucketOwner && grant.permission === 'FULL_CONTROL')) return
    throw new S3Error('AccessControlListNotSupported')
  }
  if (settings.publicAccess?.blockPublicAcls && grants.some(grantIsPublic)) {
    throw new S3Error('AccessDenied', 'Access Denied because public ACLs are prevented by the BlockPublicAcls setting of the bucket.')
  }
  for (const { grantee } of grants) {
    const isGroup = grantee === 'AllUsers' || grantee === 'AuthenticatedUsers' || grantee === 'LogDelivery'
    if (!isGroup && !(await accountExists(call, grantee))) throw invalidArgument('CanonicalUser/ID', grantee, 'Invalid id')
  }
}

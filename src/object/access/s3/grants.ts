// ACLs of buckets and objects: who is granted what. An ACL without a list of grants is the private one: all to its owner, nothing
// to others. Rows keep it as it stands here; the XML of it is the door's business.
import { table } from '../../../platform/table.ts'

export type Permission = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL'

/** Everybody; everybody with credentials; the writers of access logs (whom nobody is, here). */
export type Group = 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery'

export interface Grant {
  /** a group, or the account (project id) of whoever it is for */
  grantee: string
  permission: Permission
}

export interface Acl {
  /** the account that wrote the object, when it is not the bucket's */
  owner?: string
  /** absent: the private ACL */
  grants?: Grant[]
}

export const permissions: readonly Permission[] = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP']
const groups: readonly string[] = ['AllUsers', 'AuthenticatedUsers', 'LogDelivery']
export const isGroup = (grantee: string): grantee is Group => groups.includes(grantee)

export const grantsMax = 100

/** What an ACL grants, its owner's part included. */
export const grantsOf = ({ grants }: Acl, owner: string): Grant[] => grants ?? [{ grantee: owner, permission: 'FULL_CONTROL' }]

interface Canned {
  grants: (owner: string, bucketOwner: string) => Grant[]
  on: 'both' | 'bucket' | 'object'
}

const full = (grantee: string): Grant => ({ grantee, permission: 'FULL_CONTROL' })
const to = (grantee: string, ...some: Permission[]): Grant[] => some.map((permission) => ({ grantee, permission }))

const canned = table<Canned>({
  private: { on: 'both', grants: () => [] },
  'public-read': { on: 'both', grants: () => to('AllUsers', 'READ') },
  'public-read-write': { on: 'both', grants: () => to('AllUsers', 'READ', 'WRITE') },
  'authenticated-read': { on: 'both', grants: () => to('AuthenticatedUsers', 'READ') },
  'log-delivery-write': { on: 'bucket', grants: () => to('LogDelivery', 'WRITE', 'READ_ACP') },
  'bucket-owner-read': { on: 'object', grants: (owner, bucketOwner) => (owner === bucketOwner ? [] : to(bucketOwner, 'READ')) },
  'bucket-owner-full-control': { on: 'object', grants: (owner, bucketOwner) => (owner === bucketOwner ? [] : [full(bucketOwner)]) },
})

/** The grants of a canned ACL, the owner's first; undefined when there is none of that name for buckets, or for objects. */
export function cannedGrants(
  name: string,
  { on, owner, bucketOwner }: { on: 'bucket' | 'object'; owner: string; bucketOwner: string },
): Grant[] | undefined {
  const found = canned[name]
  if (found === undefined) return undefined
  // canned ACLs that mean objects say nothing of a bucket: it is private then
  if (found.on !== 'both' && found.on !== on) return [full(owner)]
  return [full(owner), ...found.grants(owner, bucketOwner)]
}

/** Does the list give this permission to this account (null: anonymous)? */
export function grantsGive(grants: readonly Grant[], account: string | null, wanted: Permission): boolean {
  return grants.some(
    ({ grantee, permission }) =>
      (permission === wanted || permission === 'FULL_CONTROL') &&
      (grantee === 'AllUsers' || (account !== null && (grantee === 'AuthenticatedUsers' || grantee === account))),
  )
}

/** Grants to everybody, or to everybody with credentials of any project. */
export const grantIsPublic = ({ grantee }: Grant): boolean => grantee === 'AllUsers' || grantee === 'AuthenticatedUsers'

// What a container's ACLs (X-Container-Read, -Write) are worth as grants of S3, so that GetBucketAcl and GetObjectAcl tell the
// truth of a container that Swift opened. Only what S3 can say is told: a role, one user of a project and a referrer's host have no grant.
import type { Grant, Permission } from './grants.ts'

const listed = (acl: string | undefined): string[] =>
  (acl ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** `*:*` and `project:*`, as grantees. */
const grantees = (entries: string[]): string[] =>
  entries.flatMap((entry) => (entry === '*:*' ? ['AuthenticatedUsers'] : /^[^.*:][^:]*:\*$/.test(entry) ? [entry.slice(0, -2)] : []))

const granted = (names: string[], permission: Permission): Grant[] => names.map((grantee) => ({ grantee, permission }))

export interface ContainerAcls {
  read?: string | undefined
  write?: string | undefined
}

/** May everybody read objects: `.r:*`, not taken back by a later `.r:-…` of all? */
const isOpen = (entries: string[]): boolean => entries.some((entry) => /^\.(r|ref|referer|referrer):\*$/.test(entry))

/** Grants on the bucket: READ there means to list it. */
export function bucketGrantsOf({ read, write }: ContainerAcls): Grant[] {
  const entries = listed(read)
  const everybody = isOpen(entries) && entries.includes('.rlistings') ? ['AllUsers'] : []
  return [...granted([...everybody, ...grantees(entries)], 'READ'), ...granted(grantees(listed(write)), 'WRITE')]
}

/** Grants on each object of the container. */
export function objectGrantsOf({ read }: ContainerAcls): Grant[] {
  const entries = listed(read)
  return granted([...(isOpen(entries) ? ['AllUsers'] : []), ...grantees(entries)], 'READ')
}

/** Would these ACLs let in people whom nobody named? */
export function containerAclsArePublic({ read, write }: ContainerAcls): boolean {
  const entries = [...listed(read), ...listed(write)]
  return entries.some((entry) => entry === '*:*' || (/^\.(r|ref|referer|referrer):/.test(entry) && !/:-/.test(entry)))
}

/** Can a container's ACLs say this grant? Then they are where it is kept, and Swift's users see and change it too. */
const isSaid = ({ grantee, permission }: Grant): boolean =>
  (permission === 'READ' && grantee !== 'LogDelivery') || (permission === 'WRITE' && grantee !== 'LogDelivery' && grantee !== 'AllUsers')

/**
 * Where the grants of a bucket are kept: in the container's ACLs what those can say, beside them the rest. What of the ACLs
 * no grant can say (roles, single users, referrers' hosts) stays.
 */
export function bucketGrantsSplit(grants: readonly Grant[], before: ContainerAcls): { read: string; write: string; rest: Grant[] } {
  const said = grants.filter(isSaid)
  const entries = (permission: Permission) => [
    ...new Set(
      said
        .filter((grant) => grant.permission === permission)
        .flatMap(({ grantee }) =>
          grantee === 'AllUsers' ? ['.r:*', '.rlistings'] : [grantee === 'AuthenticatedUsers' ? '*:*' : `${grantee}:*`],
        ),
    ),
  ]
  const stays = (each: string) => each !== '.r:*' && each !== '.rlistings' && each !== '*:*' && !/^[^.*:][^:]*:\*$/.test(each)
  return {
    read: [...listed(before.read).filter(stays), ...entries('READ')].join(','),
    write: [...listed(before.write).filter(stays), ...entries('WRITE')].join(','),
    rest: grants.filter((grant) => !isSaid(grant)),
  }
}

// ACLs in S3's XML and headers: to grants and back.
import { grantsMax, isGroup, permissions, type Grant, type Group, type Permission } from '../../access/index.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { owner } from '../views.ts'
import { all, maybe, one, text, type XmlElement } from '../xml/read.ts'
import { xml, type Xml } from '../xml/write.ts'

const groupUris = new Map<string, Group>([
  ['http://acs.amazonaws.com/groups/global/AllUsers', 'AllUsers'],
  ['http://acs.amazonaws.com/groups/global/AuthenticatedUsers', 'AuthenticatedUsers'],
  ['http://acs.amazonaws.com/groups/s3/LogDelivery', 'LogDelivery'],
])
const uriOf = (group: Group): string => [...groupUris].find(([, known]) => known === group)?.[0] ?? ''
const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

export const aclView = (account: string, grants: readonly Grant[]): Xml =>
  xml('AccessControlPolicy', owner(account), xml('AccessControlList', grants.map(grantView)))

function grantView({ grantee, permission }: Grant): Xml {
  const who = isGroup(grantee) ? [xml('URI', uriOf(grantee))] : [xml('ID', grantee), xml('DisplayName', grantee)]
  const type = isGroup(grantee) ? 'Group' : 'CanonicalUser'
  return xml(
    'Grant',
    { ...xml('Grantee', who), attributes: { 'xmlns:xsi': schemaInstance, 'xsi:type': type } },
    xml('Permission', permission),
  )
}

/** The body of PutBucketAcl and PutObjectAcl: whose it is, and the grants. */
export function aclRead(root: XmlElement): { owner: string; grants: Grant[] } {
  const ownerId = text(maybe(root, 'Owner') ?? malformed(), 'ID')
  const list = maybe(root, 'AccessControlList')
  if (ownerId === undefined || list === undefined) throw new S3Error('MalformedACLError')
  const grants = all(list, 'Grant').map(grantRead)
  if (grants.length > grantsMax) throw new S3Error('MalformedACLError')
  return { owner: ownerId.trim(), grants }
}

const malformed = (): never => {
  throw new S3Error('MalformedACLError')
}

function grantRead(element: XmlElement): Grant {
  const permission = text(element, 'Permission')?.trim() ?? ''
  if (!isPermission(permission)) throw new S3Error('MalformedACLError')
  const grantee = one(element, 'Grantee')
  const uri = text(grantee, 'URI')
  if (uri !== undefined) return { grantee: groupOf(uri), permission }
  if (text(grantee, 'EmailAddress') !== undefined) throw new S3Error('UnresolvableGrantByEmailAddress')
  const id = text(grantee, 'ID')?.trim()
  if (id === undefined || id === '') throw new S3Error('MalformedACLError')
  return { grantee: id, permission }
}

const isPermission = (word: string): word is Permission => permissions.some((each) => each === word)

function groupOf(uri: string): Group {
  const found = groupUris.get(uri.trim())
  if (!found) throw invalidArgument('uri', uri, 'Invalid group uri')
  return found
}

const grantHeaders: [string, Permission][] = [
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
]

/** The grants of x-amz-grant-*: `id="…", uri="…"`; null when there are no such headers. */
export function grantHeadersRead(headers: ReadonlyMap<string, string>): Grant[] | null {
  const grants = grantHeaders.flatMap(([name, permission]) => {
    const value = headers.get(name)?.trim()
    return value ? value.split(',').map((part) => granteeRead(part.trim(), permission)) : []
  })
  if (grants.length > grantsMax) throw new S3Error('InvalidArgument', `An ACL has at most ${grantsMax} grants.`)
  return grants.length === 0 ? null : grants
}

function granteeRead(part: string, permission: Permission): Grant {
  const equals = part.indexOf('=')
  const kind = part.slice(0, Math.max(0, equals)).trim().toLowerCase()
  const value = part
    .slice(equals + 1)
    .trim()
    .replace(/^"(.*)"$/, '$1')
  if (kind === 'uri') return { grantee: groupOf(value), permission }
  if (kind === 'emailaddress') throw new S3Error('UnresolvableGrantByEmailAddress')
  // some clients send the id alone
  const id = equals < 0 ? part.replace(/^"(.*)"$/, '$1') : kind === 'id' ? value : ''
  if (id === '') throw invalidArgument('x-amz-grant', part, 'Argument format not recognized')
  return { grantee: id, permission }
}

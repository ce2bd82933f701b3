// What can be done to accounts, containers and objects: whether it only reads, which of Swift's ACLs may give it, what S3 calls it.

interface ActKind {
  reads: boolean
  /** the container's ACL that may give it to others; null: the owner's alone */
  acl: 'x-container-read' | 'x-container-write' | null
  action: string
}

const kind = (action: string, acl: ActKind['acl'], reads = false): ActKind => ({ action, acl, reads })

export const acts = {
  'account.read': kind('s3:ListAllMyBuckets', null, true),
  'account.write': kind('s3:PutAccount', null),
  'account.create': kind('s3:CreateAccount', null),
  'account.delete': kind('s3:DeleteAccount', null),
  'container.read': kind('s3:ListBucket', 'x-container-read', true),
  'container.list': kind('s3:ListBucket', 'x-container-read', true),
  // what is set of a container or an object, as S3 asks for it: no ACL of Swift's gives it
  'container.settings': kind('s3:GetBucket', null, true),
  'container.create': kind('s3:CreateBucket', null),
  'container.write': kind('s3:PutBucket', null),
  'container.delete': kind('s3:DeleteBucket', null),
  'object.read': kind('s3:GetObject', 'x-container-read', true),
  'object.create': kind('s3:PutObject', 'x-container-write'),
  'object.write': kind('s3:PutObject', 'x-container-write'),
  'object.delete': kind('s3:DeleteObject', 'x-container-write'),
} as const satisfies Record<string, ActKind>

export type Act = keyof typeof acts

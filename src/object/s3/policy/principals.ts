// Are those whom a policy or an ACL names projects and users of this cloud? A name that means nobody is refused when it is written.
import { projectFetch, userFetch } from '../../../identity/index.ts'
import { Context } from '../../../platform/context.ts'
import { principalNamed } from '../../access/index.ts'
import type { S3Call } from '../operation.ts'

export async function principalExists({ platform, actor, requestId }: S3Call, name: string): Promise<boolean> {
  const named = principalNamed(name)
  if (named === null) return true
  if (actor === null) return false
  const ctx = new Context(platform, { actor, requestId })
  if (await projectFetch(ctx, named.account ?? '')) return true
  return !name.startsWith('arn:') && (await userFetch(ctx, name)) !== null
}

export async function accountExists({ platform, actor, requestId, bucket }: S3Call, account: string): Promise<boolean> {
  if (account === bucket?.account || account === actor?.projectId) return true
  return actor !== null && (await projectFetch(new Context(platform, { actor, requestId }), account)) !== null
}

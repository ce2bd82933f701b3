// EC2 credentials of a user: an access key and a secret, bound to one project and to the delegation that made it.
import type { Context } from '../platform/context.ts'
import { unauthorized } from '../platform/errors.ts'
import type { KeyBlob } from './access-keys.ts'
import { blobOpen, blobSeal, credentialTarget, delegation, ec2CredentialId, refuseRoleless } from './credentials.ts'
import { existing } from './found.ts'
import { isLentCredential, permit, permitFound, refuseLimited, refuseOtherProject } from './permission.ts'
import { change } from './revision.ts'
import { credentials, type CredentialRow } from './store/delegation-tables.ts'
import { projects, users } from './store/tables.ts'

export interface Ec2Credential {
  userId: string
  projectId: string
  access: string
  secret: string
  trustId: string | null
}

const shown = (ctx: Context, row: CredentialRow): Ec2Credential => {
  const { access, secret, trust_id: trustId = null } = JSON.parse(blobOpen(ctx, row)) as KeyBlob
  return { userId: row.user_id, projectId: row.project_id ?? '', access, secret, trustId }
}

export async function ec2CredentialCreate(ctx: Context, userId: string, projectId: string): Promise<Ec2Credential> {
  permit(ctx, credentialTarget({ user_id: userId }))
  refuseLimited(ctx, 'additional application credentials')
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  refuseOtherProject(ctx, projectId)
  await refuseRoleless(ctx, userId, projectId)
  const [access, secret] = [ctx.ids.hex(), ctx.ids.bytes(16).toString('hex')]
  const blob = JSON.stringify({ access, secret, trust_id: null, ...delegation(ctx) })
  const row: CredentialRow = {
    id: ec2CredentialId(access),
    user_id: userId,
    project_id: projectId,
    type: 'ec2',
    encrypted_blob: blobSeal(ctx, blob),
    extra: {},
  }
  await change(ctx, { type: 'credential', id: row.id, action: 'create' }, (tx) => credentials.insert(tx.db, row))
  return shown(ctx, row)
}

export async function ec2CredentialsList(ctx: Context, userId: string): Promise<Ec2Credential[]> {
  permit(ctx, { user_id: userId })
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  const rows = await credentials.list(ctx.db, { user_id: userId, type: 'ec2' })
  return rows.filter((row) => isLentCredential(ctx, row.project_id)).map((row) => shown(ctx, row))
}

/** By its access key alone: the rule looks at whose it is, the user of the path need only be there. */
async function rowOf(ctx: Context, userId: string, access: string): Promise<CredentialRow> {
  const row = await credentials.fetch(ctx.db, ec2CredentialId(access))
  const found = permitFound(ctx, row, { what: 'credential', id: access, target: credentialTarget(row) })
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  if (found.type !== 'ec2') throw unauthorized('EC2 access key not found.')
  refuseOtherProject(ctx, found.project_id)
  return found
}

export const ec2CredentialGet = async (ctx: Context, userId: string, access: string): Promise<Ec2Credential> =>
  shown(ctx, await rowOf(ctx, userId, access))

export async function ec2CredentialDelete(ctx: Context, userId: string, access: string): Promise<void> {
  const row = await rowOf(ctx, userId, access)
  await change(ctx, { type: 'credential', id: row.id, action: 'delete' }, (tx) => credentials.delete(tx.db, { id: row.id }))
}

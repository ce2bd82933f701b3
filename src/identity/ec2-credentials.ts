// EC2 credentials of a user: an access key and a secret, bound to one project and to the delegation that made it.
import type { Context } from '../platform/context.ts'
import { unauthorized } from '../platform/errors.ts'
import { blobOpen, blobSeal, credentialTarget, ec2CredentialId } from './credentials.ts'
import { existing } from './found.ts'
import { isDelegated, permit, refusal } from './permission.ts'
import { change } from './revision.ts'
import { credentials, type CredentialRow } from './store/delegation-tables.ts'
import { projects, users } from './store/tables.ts'

export interface Ec2Credential {
  userId: string
  projectId: string
  access: string
  secret: string
}

/** A lent token neither makes nor reads keys that would outlive it (attacks 4, 5 and 6). */
function refuseLent(ctx: Context): void {
  if (isDelegated(ctx)) throw refusal('delegated tokens may not manage EC2 credentials')
}

const shown = (ctx: Context, row: CredentialRow): Ec2Credential => {
  const { access, secret } = JSON.parse(blobOpen(ctx, row)) as { access: string; secret: string }
  return { userId: row.user_id, projectId: row.project_id ?? '', access, secret }
}

export async function ec2Create(ctx: Context, userId: string, projectId: string): Promise<Ec2Credential> {
  permit(ctx, credentialTarget({ user_id: userId }))
  refuseLent(ctx)
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  const [access, secret] = [ctx.ids.hex(), ctx.ids.bytes(16).toString('hex')]
  const blob = JSON.stringify({ access, secret, trust_id: null })
  const row: CredentialRow = {
    id: ec2CredentialId(access), user_id: userId, project_id: projectId, type: 'ec2',
    encrypted_blob: blobSeal(ctx, blob), extra: '{}',
  }
  await change(ctx, { type: 'credential', id: row.id, action: 'create' }, (tx) => credentials.insert(tx.db, row))
  return shown(ctx, row)
}

export async function ec2List(ctx: Context, userId: string): Promise<Ec2Credential[]> {
  permit(ctx, credentialTarget({ user_id: userId }))
  refuseLent(ctx)
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  return (await credentials.list(ctx.db, { user_id: userId, type: 'ec2' })).map((row) => shown(ctx, row))
}

async function rowOf(ctx: Context, userId: string, access: string): Promise<CredentialRow> {
  const row = await credentials.fetch(ctx.db, ec2CredentialId(access))
  // of one's own keys one may know that there is none
  permit(ctx, credentialTarget(row ?? { user_id: userId }))
  refuseLent(ctx)
  const found = existing(row, 'credential', access)
  if (found.type !== 'ec2' || found.user_id !== userId) throw unauthorized('EC2 access key not found.')
  return found
}

export const ec2Get = async (ctx: Context, userId: string, access: string): Promise<Ec2Credential> => shown(ctx, await rowOf(ctx, userId, access))

export async function ec2Delete(ctx: Context, userId: string, access: string): Promise<void> {
  const row = await rowOf(ctx, userId, access)
  await change(ctx, { type: 'credential', id: row.id, action: 'delete' }, (tx) => credentials.remove(tx.db, { id: row.id }))
}

// Stored credentials: blobs that belong to a user (EC2 keys, TOTP seeds, certificates), sealed with keys of their own.
// A lent token reaches those of its own project alone (attack-6); owner and project stay as they were made (attack-3).
import { createHash } from 'node:crypto'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { roleGraphRead, rolesOn } from './effective-roles.ts'
import { extraMerged, extraOf } from './extra.ts'
import { existing, orConflict, sameId } from './found.ts'
import type { Query } from './links.ts'
import { isLentCredential, permit, refusal, refuseLimited, refuseOtherProject } from './permission.ts'
import { change } from './revision.ts'
import { nullable, optional, text, type Body } from './schemas.ts'
import { credentials, type CredentialRow } from './store/delegation-tables.ts'
import { passcodesDelete } from './store/passcodes.ts'
import { projects, users, type Attributes } from './store/tables.ts'
import { open, seal } from './tokens/keys.ts'

export const credentialProperties = { blob: text, type: text, user_id: text, project_id: optional(nullable(text)) }
export type CredentialBody = Body<typeof credentialProperties>

const attributes = Object.keys(credentialProperties)
/** what a blob may hold that binds the key to a delegation: never changed by an update */
const bindings = ['trust_id', 'app_cred_id', 'access_token_id', 'access_id']

export const ec2CredentialId = (access: string): string => createHash('sha256').update(access).digest('hex')

export const blobSeal = (ctx: Context, blob: string): string => seal(ctx.platform, 'credential', Buffer.from(blob))

export function blobOpen(ctx: Context, row: CredentialRow): string {
  const plain = open(ctx.platform, 'credential', row.encrypted_blob)
  if (!plain) throw new Error(`the credential ${row.id} was sealed with a key that is gone`)
  return plain.toString()
}

/** What a key that was made with a lent token is bound to: a signature by it is worth no more than that delegation. */
export const delegation = ({ actor }: Context) => ({
  ...(actor.trustId ? { trust_id: actor.trustId } : {}),
  ...(actor.applicationCredentialId === null ? {} : { app_cred_id: actor.applicationCredentialId }),
  ...(actor.accessTokenId ? { access_token_id: actor.accessTokenId } : {}),
})

/** Nobody makes keys of one's own for a project where one has no role (F19); an actor who may make them for anybody may. */
export async function refuseRoleless(ctx: Context, userId: string, projectId: string): Promise<void> {
  if (ctx.allows({})) return
  const project = await projects.fetch(ctx.db, projectId)
  const held = project ? await rolesOn(ctx.db, await roleGraphRead(ctx.db), userId, { kind: 'project', project }) : []
  if (held.length === 0) throw refusal(`User ${userId} has no role on project ${projectId}`)
}

export const credentialTarget = (row: { user_id?: string | undefined; project_id?: string | null | undefined } | undefined) => ({
  target: row ? { credential: { user_id: row.user_id, project_id: row.project_id ?? null } } : {},
})

export async function credentialGet(ctx: Context, id: string): Promise<CredentialRow> {
  const row = await credentials.fetch(ctx.db, id)
  permit(ctx, credentialTarget(row))
  const found = existing(row, 'credential', id)
  refuseOtherProject(ctx, found.project_id)
  return found
}

/** All that the rule lets this actor see: usually one's own. */
export async function credentialsList(ctx: Context, { user_id: asked, type }: Query): Promise<CredentialRow[]> {
  const { userId, projectId } = ctx.actor
  permit(ctx, credentialTarget({ user_id: userId }))
  const mayGet = (row: Parameters<typeof credentialTarget>[0]) => ctx.allows(credentialTarget(row), 'identity:get_credential')
  // who gets nobody else's, not even of the own project, has only own ones to look through
  const others = mayGet({ user_id: 'somebody else', project_id: projectId }) || mayGet({ user_id: 'somebody else' })
  const rows = await credentials.list(ctx.db, { user_id: asked ?? (others ? undefined : userId), type })
  return rows.filter((row) => isLentCredential(ctx, row.project_id) && mayGet(row))
}

function ec2Blob(blob: string): Attributes {
  let parsed: unknown
  try {
    parsed = JSON.parse(blob)
  } catch {
    throw badRequest('Invalid blob in credential')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw badRequest('Invalid blob in credential')
  if (typeof (parsed as Attributes)['access'] !== 'string') throw badRequest('Expecting to find access in credential.')
  return parsed as Attributes
}

/** The owner of a new credential decides who may make it. */
export const permitNewCredential = (ctx: Context, userId: string | undefined): void => permit(ctx, credentialTarget({ user_id: userId }))

export async function credentialCreate(ctx: Context, body: CredentialBody): Promise<CredentialRow> {
  permit(ctx, credentialTarget(body))
  const { user_id: userId = '', type = '', blob = '' } = body
  const isEc2 = type.toLowerCase() === 'ec2'
  if (isEc2) refuseLimited(ctx, 'additional credentials')
  refuseOtherProject(ctx, body.project_id)
  if (isEc2 && !body.project_id) throw badRequest("'project_id' is a required property")
  existing(await users.fetch(ctx.db, userId), 'user', userId)
  if (body.project_id) existing(await projects.fetch(ctx.db, body.project_id), 'project', body.project_id)
  if (isEc2) await refuseRoleless(ctx, userId, body.project_id ?? '')
  const access = isEc2 ? ec2Blob(blob) : undefined
  if (access && bindings.some((name) => (access[name] ?? null) !== null)) {
    throw badRequest('A credential cannot be bound to a delegation by its blob.')
  }
  const row: CredentialRow = {
    id: access ? ec2CredentialId(String(access['access'])) : ctx.ids.hex(),
    user_id: userId,
    project_id: body.project_id ?? null,
    type,
    encrypted_blob: blobSeal(ctx, access ? JSON.stringify({ ...access, ...delegation(ctx) }) : blob),
    extra: extraOf(body, attributes),
  }
  await change(ctx, { type: 'credential', id: row.id, action: 'create' }, async (tx) => {
    await credentials.insert(tx.db, row).catch(orConflict('credential', 'Duplicate entry'))
  })
  return row
}

export async function credentialUpdate(ctx: Context, id: string, body: CredentialBody): Promise<CredentialRow> {
  const row = await credentialGet(ctx, id)
  sameId(id, body['id'])
  if (body.user_id !== undefined && body.user_id !== row.user_id) throw forbidden('The owner of a credential cannot be changed.')
  if (body.project_id !== undefined && body.project_id !== row.project_id) await newProjectCheck(ctx, row, body.project_id)
  if (body.type !== undefined && body.type !== row.type && [body.type, row.type].some((type) => type.toLowerCase() === 'ec2')) {
    throw badRequest('A credential cannot become or cease to be an EC2 credential.')
  }
  if (body.blob !== undefined && row.type.toLowerCase() === 'ec2') {
    const [before, after] = [ec2Blob(blobOpen(ctx, row)), ec2Blob(body.blob)]
    const moved = bindings.find((name) => before[name] !== after[name])
    if (moved) throw badRequest(`${moved} can not be updated for credential`)
  }
  const next = {
    type: body.type ?? row.type,
    project_id: body.project_id === undefined ? row.project_id : body.project_id,
    encrypted_blob: body.blob === undefined ? row.encrypted_blob : blobSeal(ctx, body.blob),
    extra: extraMerged(row.extra, body, attributes),
  }
  await change(ctx, { type: 'credential', id, action: 'update' }, (tx) => credentials.update(tx.db, { id }, next))
  return { ...row, ...next }
}

/** The owner may not turn a key to another project; an actor who may manage any credential may. */
async function newProjectCheck(ctx: Context, row: CredentialRow, projectId: string | null): Promise<void> {
  if (!ctx.allows({}, ctx.rule)) throw forbidden(`The project of the credential ${row.id} cannot be changed by its owner.`)
  if (projectId !== null) existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
}

export async function credentialDelete(ctx: Context, id: string): Promise<void> {
  await credentialGet(ctx, id)
  await change(ctx, { type: 'credential', id, action: 'delete' }, async (tx) => {
    await passcodesDelete(tx.db, [id])
    await credentials.delete(tx.db, { id })
  })
}

// The three steps of OAuth1: a consumer asks for a request token, a user authorizes it with some of his roles, the consumer
// exchanges it for an access token, once. With that it logs in as the user, in that project, with those roles (attack-9).
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { forbidden, unauthorized } from '../../platform/errors.ts'
import type { LoginCaller } from '../auth/gate.ts'
import { sameText } from '../ec2-signature.ts'
import { rolesOn, roleGraphCached } from '../effective-roles.ts'
import { existing, missing } from '../found.ts'
import { isDelegated, permit } from '../permission.ts'
import { change, revisionNow } from '../revision.ts'
import type { RoleReference } from '../schemas.ts'
import {
  accessTokens,
  consumers,
  requestTokens,
  type AccessTokenRow,
  type ConsumerRow,
  type RequestTokenRow,
} from '../store/delegation-tables.ts'
import { projects, roles, users, type RoleRow } from '../store/tables.ts'
import { lacking, oauthHeader, oauthVerify } from './verify.ts'

/** letters and digits that nobody confuses */
const verifierSigns = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const verifierLength = 8

const until = (ctx: Context, seconds: number): string | null => (seconds === 0 ? null : isoMillis(ctx.clock.nowMs() + seconds * 1000))
const isOver = (ctx: Context, at: string | null): boolean => at !== null && Date.parse(at) <= ctx.clock.nowMs()

/** For a consumer that signs: a token that a user has still to authorize. */
export async function requestTokenCreate(ctx: Context, caller: LoginCaller, projectId: string | undefined): Promise<RequestTokenRow> {
  const header = oauthHeader(caller, ['oauth_consumer_key'])
  if (projectId === undefined) throw lacking('Requested-Project-Id')
  const consumer = await consumerOf(ctx, header['oauth_consumer_key'] ?? '')
  oauthHeader(caller, ['oauth_callback'])
  await oauthVerify(ctx, { header, urls: caller.urls, refusal: 'Invalid signature' }, { consumer: consumer.secret, token: '' })
  const project = existing(await projects.fetch(ctx.db, projectId), 'project', projectId)
  const row: RequestTokenRow = {
    id: ctx.ids.hex(),
    secret: ctx.ids.bytes(16).toString('hex'),
    consumer_id: consumer.id,
    project_id: project.id,
    verifier: null,
    authorizing_user_id: null,
    roles: null,
    expires_at: until(ctx, ctx.config.identity.requestTokenSeconds),
  }
  await change(ctx, { type: 'request_token', id: row.id, action: 'create' }, (tx) => requestTokens.insert(tx.db, row))
  return row
}

const consumerOf = async (ctx: Context, id: string): Promise<ConsumerRow> => existing(await consumers.fetch(ctx.db, id), 'consumer', id)

/** The request token that a user is asked to authorize. */
export async function requestTokenGet(ctx: Context, id: string): Promise<RequestTokenRow> {
  permit(ctx)
  return existing(await requestTokens.fetch(ctx.db, id), 'request token', id)
}

/** The user lets the consumer have some roles that he has in the project; what he is lent himself he does not pass on. */
export async function requestTokenAuthorize(ctx: Context, id: string, wanted: RoleReference[]): Promise<string> {
  const row = await requestTokenGet(ctx, id)
  if (isDelegated(ctx)) throw forbidden('Cannot authorize a request token with a token issued via delegation.')
  if (isOver(ctx, row.expires_at)) throw unauthorized('Request token is expired')
  const given = await rolesNamed(ctx, wanted)
  const project = existing(await projects.fetch(ctx.db, row.project_id), 'project', row.project_id)
  const graph = await roleGraphCached(ctx.platform, ctx.db, await revisionNow(ctx.platform))
  const held = await rolesOn(ctx.db, graph, ctx.actor.userId, { kind: 'project', project })
  if (!given.every((role) => held.some((each) => each.id === role.id))) throw unauthorized('authorizing user does not have role required')
  const verifier = verifierMake(ctx)
  const next = { verifier, authorizing_user_id: ctx.actor.userId, roles: given.map((role) => role.id) }
  await change(ctx, { type: 'request_token', id, action: 'authorize' }, (tx) => requestTokens.update(tx.db, { id }, next))
  return verifier
}

async function rolesNamed(ctx: Context, wanted: RoleReference[]): Promise<RoleRow[]> {
  const found: RoleRow[] = []
  for (const { id, name } of wanted) {
    const row = id === undefined ? await roles.first(ctx.db, { domain_id: '', name: name ?? '' }) : await roles.fetch(ctx.db, id)
    if (!row) throw missing('role', id ?? name ?? '')
    if (!found.some((each) => each.id === row.id)) found.push(row)
  }
  return found
}

function verifierMake(ctx: Context): string {
  let text = ''
  // bytes beyond the last whole round of the signs are left out, or some signs would come more often
  while (text.length < verifierLength) {
    for (const byte of ctx.ids.bytes(verifierLength)) {
      if (byte < 256 - (256 % verifierSigns.length) && text.length < verifierLength)
        text += verifierSigns[byte % verifierSigns.length] ?? ''
    }
  }
  return text
}

/** The exchange: the request token is gone with it. */
export async function accessTokenCreate(ctx: Context, caller: LoginCaller): Promise<AccessTokenRow> {
  const header = oauthHeader(caller, ['oauth_consumer_key', 'oauth_token', 'oauth_verifier'])
  const [consumerId = '', id = ''] = [header['oauth_consumer_key'], header['oauth_token']]
  const row = existing(await requestTokens.fetch(ctx.db, id), 'request token', id)
  if (isOver(ctx, row.expires_at)) throw unauthorized('Request token is expired')
  const consumer = await consumers.fetch(ctx.db, consumerId)
  if (!consumer) throw unauthorized('Provided consumer does not exist.')
  if (row.consumer_id !== consumer.id) throw unauthorized('Provided consumer key does not match stored consumer key.')
  await oauthVerify(ctx, { header, urls: caller.urls, refusal: 'Invalid signature' }, { consumer: consumer.secret, token: row.secret })
  if (row.verifier === null || !sameText(row.verifier, header['oauth_verifier'] ?? ''))
    throw unauthorized('Provided verifier does not match stored verifier')
  const { authorizing_user_id: userId } = row
  if (userId === null) throw unauthorized('Request Token does not have an authorizing user id.')
  const token: AccessTokenRow = {
    id: ctx.ids.hex(),
    secret: ctx.ids.bytes(16).toString('hex'),
    consumer_id: consumer.id,
    project_id: row.project_id,
    authorizing_user_id: userId,
    roles: row.roles ?? [],
    expires_at: until(ctx, ctx.config.identity.accessTokenSeconds),
  }
  await change(ctx, { type: 'access_token', id: token.id, action: 'create' }, async (tx) => {
    if ((await requestTokens.delete(tx.db, { id, verifier: row.verifier })) !== 1) throw missing('request token', id)
    await accessTokens.insert(tx.db, token)
  })
  return token
}

function refuseLent(ctx: Context): void {
  if (isDelegated(ctx)) throw forbidden('Cannot manage OAuth access tokens with a token issued via delegation.')
}

export async function accessTokensList(ctx: Context, userId: string): Promise<AccessTokenRow[]> {
  permit(ctx)
  refuseLent(ctx)
  return accessTokens.list(ctx.db, { authorizing_user_id: userId })
}

export async function accessTokenGet(ctx: Context, userId: string, id: string): Promise<AccessTokenRow> {
  permit(ctx)
  refuseLent(ctx)
  const row = await accessTokens.fetch(ctx.db, id)
  return existing(row?.authorizing_user_id === userId ? row : undefined, 'access token', id)
}

/** Tokens that were won by it are void at once. */
export async function accessTokenDelete(ctx: Context, userId: string, id: string): Promise<void> {
  permit(ctx)
  refuseLent(ctx)
  const row = existing(await accessTokens.fetch(ctx.db, id), 'access token', id)
  if (row.authorizing_user_id !== userId) throw unauthorized('User IDs do not match')
  await change(ctx, { type: 'access_token', id, action: 'delete' }, (tx) => accessTokens.delete(tx.db, { id }))
}

/** Those that the user gave, whether he still has them or not. */
export async function accessTokenRoles(ctx: Context, userId: string, id: string): Promise<RoleRow[]> {
  permit(ctx)
  const row = await accessTokens.fetch(ctx.db, id)
  const found = existing(row?.authorizing_user_id === userId ? row : undefined, 'access token', id)
  return roles.many(ctx.db, found.roles)
}

/** The access token that a signed login stands on, and its user. */
export async function byAccessToken(ctx: Context, caller: LoginCaller) {
  const header = oauthHeader(caller, ['oauth_token'])
  const row = await accessTokens.fetch(ctx.db, header['oauth_token'] ?? '')
  const consumer = row && (await consumers.fetch(ctx.db, row.consumer_id))
  const user = row && (await users.fetch(ctx.db, row.authorizing_user_id))
  if (!row || !consumer || !user || header['oauth_consumer_key'] !== consumer.id) throw unauthorized('Could not validate the access token')
  if (isOver(ctx, row.expires_at)) throw unauthorized('Access token is expired')
  await oauthVerify(
    ctx,
    { header, urls: caller.urls, refusal: 'Could not validate the access token' },
    { consumer: consumer.secret, token: row.secret },
  )
  return { user, accessToken: row }
}

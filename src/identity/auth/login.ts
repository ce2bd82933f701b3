// Login: proof → user → scope → token. Every refusal for what the user is or may is the same 401.
import type { Context } from '../../platform/context.ts'
import { forbidden, notFound, unauthorized } from '../../platform/errors.ts'
import { isEnabled } from '../inactivity.ts'
import { revisionNow } from '../revision.ts'
import { byAccessToken } from '../oauth1/tokens.ts'
import type { AccessTokenRow, ApplicationCredentialRow, TrustRow } from '../store/delegation-tables.ts'
import { trusts } from '../store/delegation-tables.ts'
import { passcodeSpend } from '../store/passcodes.ts'
import { trustUse } from '../store/trusts.ts'
import { projects, users, type UserRow } from '../store/tables.ts'
import type { Scope, TokenPayload } from '../tokens/payload.ts'
import { payloadOf, tokenIssue, tokenVerify, type VerifiedToken } from '../tokens/tokens.ts'
import { tokenFacts } from '../tokens/verify.ts'
import { byApplicationCredential } from './application-credential.ts'
import { domainFind, projectFind } from './find.ts'
import type { LoginCaller } from './gate.ts'
import { byPassword, failuresEnd } from './password.ts'
import { receiptMake, receiptMethods, type Receipt } from './receipt.ts'
import { expecting, readLogin, type LoginRequest } from './request.ts'
import { satisfiesRules } from './rules.ts'
import { byTotp, type Passcode } from './totp.ts'

/** What the methods together have proved. */
interface Proof {
  user: UserRow
  methods: string[]
  credential: ApplicationCredentialRow | null
  /** the token that was shown instead of a password */
  parent: VerifiedToken | null
  /** of OAuth1 */
  accessToken: AccessTokenRow | null
  /** used up when the login holds */
  passcode: Passcode | null
}

/** A token, or, when the user's rules ask for more methods, a receipt of those that were proved. */
export type LoginResult = { kind: 'token'; token: VerifiedToken } | { kind: 'receipt'; receipt: Receipt }

const auditIdBytes = 16

/** Issues a token for the body of POST /auth/tokens. */
export async function login(ctx: Context, body: unknown, caller: LoginCaller): Promise<LoginResult> {
  const request = readLogin(body)
  const proof = await prove(ctx, request, caller)
  const { user, passcode } = proof
  if (!(await isUsable(ctx, user))) throw unauthorized()
  const earlier = caller.receipt === undefined ? [] : receiptMethods(ctx, caller.receipt, user)
  proof.methods = [...new Set([...proof.methods, ...earlier])]
  if (passcode && !(await passcodeSpend(ctx.db, passcode))) throw unauthorized()
  if (!satisfiesRules(user, proof.methods)) return { kind: 'receipt', receipt: await receiptMake(ctx, user, proof.methods) }
  const payload = await payloadFor(ctx, request, proof)
  const token = await tokenIssue(ctx.platform, payload)
  if (!token) throw unauthorized()
  if (token.facts.trust) await useOnce(ctx, token.facts.trust)
  await failuresEnd(ctx, user)
  return { kind: 'token', token }
}

async function isUsable(ctx: Context, user: UserRow): Promise<boolean> {
  const domain = await projects.fetch(ctx.db, user.domain_id)
  return domain?.enabled === true && isEnabled(user, ctx)
}

async function prove(ctx: Context, request: LoginRequest, caller: LoginCaller): Promise<Proof> {
  const proof: { user: UserRow | undefined } & Omit<Proof, 'user'> = {
    user: undefined,
    methods: [],
    credential: null,
    parent: null,
    accessToken: null,
    passcode: null,
  }
  for (const { name, proof: given } of request.methods) {
    let user: UserRow
    if (name === 'password') user = await byPassword(ctx, given, caller)
    else if (name === 'application_credential') {
      const found = await byApplicationCredential(ctx, given, caller)
      user = found.user
      proof.credential = found.credential
    } else if (name === 'oauth1') {
      const found = await byAccessToken(ctx, caller)
      user = found.user
      proof.accessToken = found.accessToken
    } else if (name === 'totp') {
      const found = await byTotp(ctx, given)
      user = found.user
      proof.passcode = found.passcode
    } else {
      const { id } = given
      if (typeof id !== 'string') throw expecting('id', 'token')
      const parent = await tokenVerify(ctx.platform, id)
      // as Keystone has it, here too: a token that does not hold is not found
      if (!parent) throw notFound(payloadOf(ctx.platform, id) ? 'Failed to validate token' : 'Could not recognize Fernet token')
      const { trustId, accessTokenId } = parent.facts.payload
      if (accessTokenId !== null)
        throw forbidden('Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead')
      if (trustId !== null) throw forbidden('Trust-scoped tokens may not be used to get further tokens.')
      user = parent.facts.user
      proof.parent = parent
      proof.methods.push(...parent.facts.payload.methods)
    }
    if (proof.user && proof.user.id !== user.id) throw unauthorized()
    proof.user = user
    proof.methods.push(name)
  }
  // one delegation at a time: what two of them would allow together nobody has said
  if (!proof.user || (proof.accessToken && (proof.credential || proof.parent?.facts.payload.applicationCredentialId))) throw unauthorized()
  return { ...proof, user: proof.user, methods: [...new Set(proof.methods)] }
}

async function payloadFor(ctx: Context, { scope }: LoginRequest, proof: Proof): Promise<TokenPayload> {
  const issuedAtMs = Math.floor(ctx.clock.nowMs() / 1000) * 1000
  const parent = proof.parent?.facts.payload
  const chain = parent?.auditIds.at(-1)
  const common = {
    userId: proof.user.id,
    userEpoch: proof.user.epoch,
    methods: proof.methods,
    issuedAtMs,
    // a token made from a token ends when that one would have ended (attack-10)
    expiresAtMs: Math.min(parent?.expiresAtMs ?? Infinity, issuedAtMs + ctx.config.tokenLifetimeSeconds * 1000),
    auditIds: [ctx.ids.bytes(auditIdBytes).toString('base64url'), ...(chain === undefined ? [] : [chain])],
    applicationCredentialId: proof.credential?.id ?? parent?.applicationCredentialId ?? null,
    trustId: null,
    accessTokenId: null,
  }
  if (proof.accessToken) return { ...common, ...(await accessScope(ctx, proof.accessToken)), accessTokenId: proof.accessToken.id }
  if (common.applicationCredentialId !== null) return { ...common, ...(await credentialScope(ctx, scope, proof)) }
  if (scope.kind === 'trust') return { ...common, ...(await trustScope(ctx, scope.id, proof)) }
  return { ...common, ...(await resolve(ctx, scope, proof.user)) }
}

type Scoped = Pick<TokenPayload, 'scope' | 'projectEpoch'>

async function resolve(ctx: Context, scope: LoginRequest['scope'], user: UserRow): Promise<Scoped> {
  switch (scope.kind) {
    case 'project': {
      const project = await projectFind(ctx.db, scope.project)
      if (!project) throw unauthorized()
      return { scope: { kind: 'project', id: project.id }, projectEpoch: project.epoch }
    }
    case 'domain': {
      const domain = await domainFind(ctx.db, scope.domain)
      if (!domain) throw unauthorized()
      return { scope: { kind: 'domain', id: domain.id }, projectEpoch: domain.epoch }
    }
    case 'system':
      return { scope: { kind: 'system' }, projectEpoch: 0 }
    case 'default':
      return defaultScope(ctx, user)
    default:
      return { scope: { kind: 'unscoped' }, projectEpoch: 0 }
  }
}

/** The user's default project when it gives a valid token, else none. */
async function defaultScope(ctx: Context, user: UserRow): Promise<Scoped> {
  const unscoped: Scoped = { scope: { kind: 'unscoped' }, projectEpoch: 0 }
  const project = user.default_project_id === null ? undefined : await projects.fetch(ctx.db, user.default_project_id)
  if (!project) return unscoped
  const scope: Scope = { kind: 'project', id: project.id }
  const trial: TokenPayload = {
    userId: user.id,
    userEpoch: user.epoch,
    methods: [],
    scope,
    projectEpoch: project.epoch,
    issuedAtMs: 0,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    auditIds: ['trial'],
    applicationCredentialId: null,
    trustId: null,
    accessTokenId: null,
  }
  const facts = await tokenFacts(ctx.platform, ctx.db, trial, { revision: await revisionNow(ctx.platform) })
  return facts ? { scope, projectEpoch: project.epoch } : unscoped
}

/** An application credential's project is the only scope that it, or a token won by it, can have. */
async function credentialScope(ctx: Context, scope: LoginRequest['scope'], proof: Proof): Promise<Scoped> {
  const projectId = proof.credential?.project_id ?? proof.parent?.facts.project?.id
  const project = projectId === undefined ? undefined : await projects.fetch(ctx.db, projectId)
  if (!project) throw unauthorized()
  if (scope.kind === 'project' && !proof.credential) {
    const wanted = await projectFind(ctx.db, scope.project)
    if (wanted?.id !== project.id) throw forbidden('A token of an application credential cannot be scoped to another project.')
  } else if (scope.kind !== 'default') throw unauthorized('Application credentials cannot request a scope.')
  return { scope: { kind: 'project', id: project.id }, projectEpoch: project.epoch }
}

/** An access token has one scope, whatever is asked for. */
async function accessScope(ctx: Context, row: AccessTokenRow): Promise<Scoped> {
  const project = await projects.fetch(ctx.db, row.project_id)
  if (!project) throw unauthorized()
  return { scope: { kind: 'project', id: project.id }, projectEpoch: project.epoch }
}

/** Only the trustee may use a trust; impersonating, the token is the trustor's. */
async function trustScope(
  ctx: Context,
  id: string,
  { user }: Proof,
): Promise<Scoped & Pick<TokenPayload, 'userId' | 'userEpoch' | 'trustId'>> {
  const trust = await trusts.fetch(ctx.db, id)
  if (!trust || trust.deleted_at !== null || trust.remaining_uses === 0) throw unauthorized()
  if (trust.trustee_user_id !== user.id) throw forbidden()
  const project = trust.project_id === null ? undefined : await projects.fetch(ctx.db, trust.project_id)
  const subject = trust.impersonation ? await users.fetch(ctx.db, trust.trustor_user_id) : user
  if (!subject || !project) throw unauthorized()
  return {
    scope: { kind: 'project', id: project.id },
    projectEpoch: project.epoch,
    userId: subject.id,
    userEpoch: subject.epoch,
    trustId: trust.id,
  }
}

async function useOnce(ctx: Context, trust: TrustRow): Promise<void> {
  if (trust.remaining_uses !== null && !(await ctx.transaction((tx) => trustUse(tx.db, trust.id)))) throw unauthorized()
}

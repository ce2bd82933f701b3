// Login: proof → user → scope → token. Every refusal for what the user is or may is the same 401.
import type { Context } from '../../platform/context.ts'
import { forbidden, unauthorized } from '../../platform/errors.ts'
import { revisionNow } from '../revision.ts'
import type { ApplicationCredentialRow, TrustRow } from '../store/delegation-tables.ts'
import { trusts } from '../store/delegation-tables.ts'
import { trustUse } from '../store/trusts.ts'
import { projects, users, type UserRow } from '../store/tables.ts'
import type { Scope, TokenPayload } from '../tokens/payload.ts'
import { tokenIssue, tokenVerify, type VerifiedToken } from '../tokens/tokens.ts'
import { tokenFacts } from '../tokens/verify.ts'
import { byApplicationCredential } from './application-credential.ts'
import { domainFind, projectFind } from './find.ts'
import type { LoginCaller } from './gate.ts'
import { byPassword } from './password.ts'
import { expecting, readLogin, type LoginRequest } from './request.ts'

/** What the methods together have proved. */
interface Proof {
  user: UserRow
  methods: string[]
  credential: ApplicationCredentialRow | null
  /** the token that was shown instead of a password */
  parent: VerifiedToken | null
}

const auditIdBytes = 16

/** Issues a token for the body of POST /auth/tokens. */
export async function login(ctx: Context, body: unknown, caller: LoginCaller): Promise<VerifiedToken> {
  const request = readLogin(body)
  const proof = await prove(ctx, request, caller)
  if (!satisfiesRules(proof)) throw unauthorized()
  const payload = await payloadFor(ctx, request, proof)
  const token = await tokenIssue(ctx.platform, payload)
  if (!token) throw unauthorized()
  if (token.facts.trust) await useOnce(ctx, token.facts.trust)
  return token
}

async function prove(ctx: Context, request: LoginRequest, caller: LoginCaller): Promise<Proof> {
  const proof: { user: UserRow | undefined } & Omit<Proof, 'user'> = { user: undefined, methods: [], credential: null, parent: null }
  for (const { name, proof: given } of request.methods) {
    let user: UserRow
    if (name === 'password') user = await byPassword(ctx, given, caller)
    else if (name === 'application_credential') {
      const found = await byApplicationCredential(ctx, given, caller)
      user = found.user
      proof.credential = found.credential
    } else {
      const { id } = given
      if (typeof id !== 'string') throw expecting('id', 'token')
      const parent = await tokenVerify(ctx.platform, id)
      if (!parent) throw unauthorized()
      user = parent.facts.user
      proof.parent = parent
      proof.methods.push(...parent.facts.payload.methods)
    }
    if (proof.user && proof.user.id !== user.id) throw unauthorized()
    proof.user = user
    proof.methods.push(name)
  }
  if (!proof.user) throw unauthorized()
  return { ...proof, user: proof.user, methods: [...new Set(proof.methods)] }
}

/** The user's multi-factor rules: one list of methods must be proved whole. */
function satisfiesRules({ user, methods }: Proof): boolean {
  const options = JSON.parse(user.options) as { multi_factor_auth_enabled?: boolean; multi_factor_auth_rules?: string[][] }
  const rules = options.multi_factor_auth_rules ?? []
  if (options.multi_factor_auth_enabled === false || rules.length === 0) return true
  return rules.some((rule) => rule.every((method) => methods.includes(method)))
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
  if (parent && parent.accessTokenId !== null) throw forbidden('Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead')
  if (parent && parent.trustId !== null) throw forbidden('Trust-scoped tokens may not be used to get further tokens.')
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
    userId: user.id, userEpoch: user.epoch, methods: [], scope, projectEpoch: project.epoch, issuedAtMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER,
    auditIds: ['trial'], applicationCredentialId: null, trustId: null, accessTokenId: null,
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

/** Only the trustee may use a trust; impersonating, the token is the trustor's. */
async function trustScope(ctx: Context, id: string, { user }: Proof): Promise<Scoped & Pick<TokenPayload, 'userId' | 'userEpoch' | 'trustId'>> {
  const trust = await trusts.fetch(ctx.db, id)
  if (!trust || trust.deleted_at !== null || trust.remaining_uses === 0) throw unauthorized()
  if (trust.trustee_user_id !== user.id) throw forbidden()
  const project = trust.project_id === null ? undefined : await projects.fetch(ctx.db, trust.project_id)
  const subject = trust.impersonation === 1 ? await users.fetch(ctx.db, trust.trustor_user_id) : user
  if (!subject || !project) throw unauthorized()
  return { scope: { kind: 'project', id: project.id }, projectEpoch: project.epoch, userId: subject.id, userEpoch: subject.epoch, trustId: trust.id }
}

async function useOnce(ctx: Context, trust: TrustRow): Promise<void> {
  if (trust.remaining_uses !== null && !(await trustUse(ctx.db, trust.id))) throw unauthorized()
}

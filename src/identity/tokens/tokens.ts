// Verified tokens, kept. A hit costs a map look-up, a clock reading and a comparison of revisions; everything
// else is verify.ts. An entry is void as soon as anything in identity changed or its time is up.
import { LRUCache } from 'lru-cache'
import type { Authenticate } from '../../platform/api/dispatch.ts'
import { cache, type Actor, type Platform } from '../../platform/context.ts'
import { revisionNow } from '../revision.ts'
import { open, seal } from './keys.ts'
import { payloadDecode, payloadEncode, type TokenPayload } from './payload.ts'
import { tokenFacts, type TokenFacts } from './verify.ts'

const tokensAtMost = 2000
const longestToken = 2048
/** two days: how long services may still show a user's expired token for work that the user began */
const expiredGraceMs = 172_800_000

export interface VerifiedToken {
  text: string
  revision: number
  facts: TokenFacts
  actor: Actor
  /** the answer of GET /auth/tokens, made at first use */
  body: string | undefined
}

const kept = (platform: Platform) => cache(platform, 'identity.tokens', () => new LRUCache<string, VerifiedToken>({ max: tokensAtMost }))

/** The token, or null when it is not valid now. */
export async function tokenVerify(platform: Platform, text: string): Promise<VerifiedToken | null> {
  const known = kept(platform).get(text)
  const found = revisionNow(platform)
  const revision = typeof found === 'number' ? found : await found
  if (known?.revision === revision) return known.facts.payload.expiresAtMs > platform.clock.nowMs() ? known : null
  const payload = payloadOf(platform, text)
  const facts = payload && (await tokenFacts(platform, platform.store, payload, { revision }))
  if (!facts) {
    kept(platform).delete(text)
    return null
  }
  return tokenKeep(platform, text, { facts, revision })
}

/** A token that ended a while ago but is otherwise as good as it was; never kept. */
export async function tokenExpired(platform: Platform, text: string): Promise<VerifiedToken | null> {
  const revision = await revisionNow(platform)
  const payload = payloadOf(platform, text)
  const facts = payload && (await tokenFacts(platform, platform.store, payload, { revision, graceMs: expiredGraceMs }))
  return facts && { text, revision, facts, actor: actorOf(facts), body: undefined }
}

/** Remembers what a token was just found to be. */
function tokenKeep(platform: Platform, text: string, { facts, revision }: { facts: TokenFacts; revision: number }): VerifiedToken {
  const token: VerifiedToken = { text, revision, facts, actor: actorOf(facts), body: undefined }
  kept(platform).set(text, token)
  return token
}

/** Makes a token for what was proved: from the rows as they are now; a change in between voids it at its first use. Null: it would not hold. */
export async function tokenIssue(platform: Platform, payload: TokenPayload): Promise<VerifiedToken | null> {
  const revision = await revisionNow(platform)
  const facts = await tokenFacts(platform, platform.store, payload, { revision })
  if (!facts) return null
  // no longer than what it stands on (CVE-2022-2447)
  const ends = [facts.applicationCredential, facts.trust, facts.accessToken]
    .map((row) => row?.expires_at)
    .filter((at) => typeof at === 'string')
  const expiresAtMs = Math.min(payload.expiresAtMs, ...ends.map((at) => Math.floor(Date.parse(at) / 1000) * 1000))
  const bounded = { ...payload, expiresAtMs }
  return tokenKeep(platform, tokenSeal(platform, bounded), { facts: { ...facts, payload: bounded }, revision })
}

/** What is sealed in the token; null when the seal is not ours. */
export function payloadOf(platform: Platform, text: string): TokenPayload | null {
  if (text.length > longestToken) return null
  const plain = open(platform, 'token', text)
  return plain && payloadDecode(plain)
}

const tokenSeal = (platform: Platform, payload: TokenPayload): string => seal(platform, 'token', payloadEncode(payload))

/** The face: X-Auth-Token → who asks. */
export const authenticate: Authenticate = async (text, platform) => (await tokenVerify(platform, text))?.actor ?? null

/** Who acts by these facts. */
export function actorOf(facts: TokenFacts): Actor {
  const { user, userDomain, project, projectDomain, domain, payload, applicationCredential } = facts
  return {
    userId: user.id,
    userName: user.name,
    userDomainId: userDomain.id,
    userDomainName: userDomain.name,
    projectId: project?.id ?? null,
    projectName: project?.name ?? null,
    projectDomainId: projectDomain?.id ?? null,
    projectDomainName: projectDomain?.name ?? null,
    domainId: domain?.id ?? null,
    systemScope: payload.scope.kind === 'system',
    roles: facts.roles.map((role) => role.name),
    methods: payload.methods,
    applicationCredentialId: payload.applicationCredentialId,
    trustId: payload.trustId,
    accessTokenId: payload.accessTokenId,
    restricted: applicationCredential !== null && !applicationCredential.unrestricted,
    accessRules: facts.accessRules && facts.accessRules.map(({ service, method, path }) => ({ service, method, path })),
    expiresAtMs: payload.expiresAtMs,
    auditIds: payload.auditIds,
  }
}

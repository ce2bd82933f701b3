// Access keys of EC2 and S3: a key's secret, and who acts when a signature by it holds: the user in the key's project, by
// the delegation that made the key and with its roles (attacks 4, 5 and 8). The holder of a signature gets no token by
// it here: that is ec2-tokens.ts, for services alone (attack-1).
import { LRUCache } from 'lru-cache'
import { cache, type Actor, type Platform } from '../platform/context.ts'
import { ec2CredentialId } from './credentials.ts'
import { revisionNow } from './revision.ts'
import { credentials, trusts, type CredentialRow } from './store/delegation-tables.ts'
import { projects, users } from './store/tables.ts'
import { open } from './tokens/keys.ts'
import type { TokenPayload } from './tokens/payload.ts'
import { actorOf } from './tokens/tokens.ts'
import { tokenFacts } from './tokens/verify.ts'

const auditIdBytes = 16
const keysAtMost = 2000
/** what a key stands on may end by itself: looked at anew so often */
const keptMs = 60_000

/** What is sealed in the blob of an EC2 credential. */
export interface KeyBlob {
  access: string
  secret: string
  trust_id?: string | null
  app_cred_id?: string | null
  access_token_id?: string | null
}

export interface StoredKey {
  row: CredentialRow
  blob: KeyBlob
}

/** The key by its public half, whoever owns it; null: there is none. */
export async function keyFetch(platform: Platform, access: string): Promise<StoredKey | null> {
  const row = await credentials.fetch(platform.store, ec2CredentialId(access))
  if (!row || row.type.toLowerCase() !== 'ec2') return null
  const plain = open(platform, 'credential', row.encrypted_blob)
  const blob = plain && (JSON.parse(plain.toString()) as Partial<KeyBlob>)
  return blob && typeof blob.secret === 'string' && blob.access === access ? { row, blob: { ...blob, access, secret: blob.secret } } : null
}

/** What a token by this key would hold; null when its owner, project or delegation is gone. */
export async function keyPayload(platform: Platform, { row, blob }: StoredKey): Promise<TokenPayload | null> {
  const project = row.project_id === null ? undefined : await projects.fetch(platform.store, row.project_id)
  const trust = blob.trust_id ? await trusts.fetch(platform.store, blob.trust_id) : undefined
  if (!project || (blob.trust_id && !trust)) return null
  const user = await users.fetch(
    platform.store,
    trust ? (trust.impersonation ? trust.trustor_user_id : trust.trustee_user_id) : row.user_id,
  )
  if (!user) return null
  const issuedAtMs = Math.floor(platform.clock.nowMs() / 1000) * 1000
  return {
    userId: user.id,
    userEpoch: user.epoch,
    methods: ['ec2credential'],
    scope: { kind: 'project', id: project.id },
    projectEpoch: project.epoch,
    issuedAtMs,
    expiresAtMs: issuedAtMs + platform.config.tokenLifetimeSeconds * 1000,
    auditIds: [platform.ids.bytes(auditIdBytes).toString('base64url')],
    trustId: blob.trust_id ?? null,
    applicationCredentialId: blob.app_cred_id ?? null,
    accessTokenId: blob.access_token_id ?? null,
  }
}

export interface AccessKey {
  secret: string
  /** who acts when a signature by the secret holds */
  actor: Actor
}

interface Kept {
  revision: number
  untilMs: number
  key: AccessKey | null
}

/**
 * For doors of this process that check AWS signatures themselves: what a signature by this key is made with, and who acts
 * then. Null when there is no such key or nobody may act by it. The door checks the signature and its time before it uses
 * the actor, and lets an actor with access rules do only what they name.
 */
export async function accessKeyFind(platform: Platform, access: string): Promise<AccessKey | null> {
  const kept = cache(platform, 'identity.access-keys', () => new LRUCache<string, Kept>({ max: keysAtMost }))
  const revision = await revisionNow(platform)
  const nowMs = platform.clock.nowMs()
  const known = kept.get(access)
  if (known && known.revision === revision && known.untilMs > nowMs) return known.key
  const stored = await keyFetch(platform, access)
  const payload = stored && (await keyPayload(platform, stored))
  const facts = payload && (await tokenFacts(platform, platform.store, payload, { revision }))
  const key = facts ? { secret: stored.blob.secret, actor: actorOf(facts) } : null
  kept.set(access, { revision, untilMs: nowMs + keptMs, key })
  return key
}

// What a token holds inside its fernet envelope: who, scope, how, until when; never roles or names, which are
// looked up at each verification so that a change holds at once. A few bytes a field; ids of 32 hex digits take 16.

export type Scope = { kind: 'unscoped' } | { kind: 'project'; id: string } | { kind: 'domain'; id: string } | { kind: 'system' }

export interface TokenPayload {
  userId: string
  methods: string[]
  scope: Scope
  issuedAtMs: number
  expiresAtMs: number
  /** the token's own and, when it was made from another, that of the first in the chain: 22 characters each */
  auditIds: string[]
  userEpoch: number
  projectEpoch: number
  applicationCredentialId: string | null
  trustId: string | null
  /** of OAuth1 */
  accessTokenId: string | null
}

const format = 1
/** the same, with an OAuth1 access token behind the trust */
const formatWithAccess = 2
const methodBits = ['password', 'token', 'application_credential', 'totp', 'ec2credential', 'oauth1']
const scopeKinds = ['unscoped', 'project', 'domain', 'system'] as const
const auditIdBytes = 16
const hexId = /^[0-9a-f]{32}$/

const number = (value: number, bytes: 4 | 6): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

/** A length, then the text; 255 marks a packed hex id. */
function text(value: string): Buffer {
  if (hexId.test(value)) return Buffer.concat([Buffer.of(255), Buffer.from(value, 'hex')])
  const bytes = Buffer.from(value)
  if (bytes.length > 254) throw new Error('an id is too long for a token')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

export function payloadEncode(payload: TokenPayload): Buffer {
  const methods = payload.methods.reduce((bits, method) => bits | (1 << methodBits.indexOf(method)), 0)
  return Buffer.concat([
    Buffer.of(payload.accessTokenId === null ? format : formatWithAccess, methods, scopeKinds.indexOf(payload.scope.kind)),
    number(payload.issuedAtMs, 6),
    number(payload.expiresAtMs, 6),
    number(payload.userEpoch, 4),
    number(payload.projectEpoch, 4),
    text(payload.userId),
    text('id' in payload.scope ? payload.scope.id : ''),
    text(payload.applicationCredentialId ?? ''),
    text(payload.trustId ?? ''),
    ...(payload.accessTokenId === null ? [] : [text(payload.accessTokenId)]),
    ...payload.auditIds.map((id) => Buffer.from(id, 'base64url')),
  ])
}

/** null when the bytes are of another format: the seal was ours, the version not. */
export function payloadDecode(bytes: Buffer): TokenPayload | null {
  if (bytes[0] !== format && bytes[0] !== formatWithAccess) return null
  let at = 3
  const readNumber = (count: 4 | 6) => bytes.readUIntBE((at += count) - count, count)
  const readText = () => {
    const length = bytes[at++] ?? 0
    const packed = length === 255
    const end = at + (packed ? 16 : length)
    const value = bytes.toString(packed ? 'hex' : 'utf8', at, end)
    at = end
    return value
  }
  const methods = methodBits.filter((_, bit) => ((bytes[1] ?? 0) >> bit) & 1)
  const kind = scopeKinds[bytes[2] ?? 0] ?? 'unscoped'
  const [issuedAtMs, expiresAtMs, userEpoch, projectEpoch] = [readNumber(6), readNumber(6), readNumber(4), readNumber(4)]
  const [userId, scopeId, applicationCredentialId, trustId] = [readText(), readText(), readText(), readText()]
  const accessTokenId = bytes[0] === formatWithAccess ? readText() : null
  const auditIds: string[] = []
  for (; at + auditIdBytes <= bytes.length; at += auditIdBytes) auditIds.push(bytes.subarray(at, at + auditIdBytes).toString('base64url'))
  const scope: Scope = kind === 'project' || kind === 'domain' ? { kind, id: scopeId } : { kind }
  return {
    userId,
    methods,
    scope,
    issuedAtMs,
    expiresAtMs,
    auditIds,
    userEpoch,
    projectEpoch,
    applicationCredentialId: applicationCredentialId || null,
    trustId: trustId || null,
    accessTokenId,
  }
}

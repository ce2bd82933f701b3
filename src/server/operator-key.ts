// What operator commands log in with: a key in the data directory, made anew at each start, so that a user who may read the
// directory needs no password, and one that was changed locks no operator out. It is sent as the token.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Authenticate } from '../platform/api/dispatch.ts'
import type { Actor } from '../platform/context.ts'
import type { Ids } from '../platform/ids.ts'
import { writeKept } from './kept-file.ts'

const file = 'operator-key'
const keyBytes = 32

/** Makes the key of this run. */
export function makeOperatorKey(dataDir: string, ids: Ids): string {
  const key = `operator-${ids.bytes(keyBytes).toString('base64url')}`
  writeKept(join(dataDir, file), `${key}\n`)
  return key
}

/** The key of the cloud that runs on the directory; null: it has none. */
export function readOperatorKey(dataDir: string): string | null {
  try {
    return readFileSync(join(dataDir, file), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Who asks by the key: an admin who is no user and whose project holds nothing. */
const operator: Actor = {
  userId: 'operator',
  userName: 'operator',
  userDomainId: 'default',
  userDomainName: 'Default',
  projectId: 'operator',
  projectName: 'operator',
  projectDomainId: 'default',
  projectDomainName: 'Default',
  domainId: null,
  systemScope: false,
  roles: ['admin', 'member', 'reader'],
  methods: ['operator-key'],
  applicationCredentialId: null,
  expiresAtMs: Number.MAX_SAFE_INTEGER,
  auditIds: [],
}

/** Tokens as ever, and the key. */
export function withOperatorKey(authenticate: Authenticate, key: string): Authenticate {
  const digest = digestOf(key)
  return async (token, platform) =>
    token.length === key.length && timingSafeEqual(digestOf(token), digest) ? operator : authenticate(token, platform)
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

// The passwords and keys that the first `up` makes: one file, readable by its owner alone.
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ids } from '../platform/ids.ts'

export interface Secrets {
  adminPassword: string
  demoPassword: string
}

/** Reads `<dataDir>/secrets.json`, or makes it. */
export function readSecrets(dataDir: string, ids: Ids): Secrets {
  const path = join(dataDir, 'secrets.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets
  const secrets: Secrets = { adminPassword: ids.bytes(15).toString('base64url'), demoPassword: ids.bytes(15).toString('base64url') }
  writeFileSync(`${path}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600, flush: true })
  chmodSync(`${path}.new`, 0o600)
  renameSync(`${path}.new`, path)
  return secrets
}

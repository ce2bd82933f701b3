// The passwords and keys that the first `up` makes: one file, readable by its owner alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ids } from '../platform/ids.ts'
import { writeKept } from './kept-file.ts'

export interface Secrets {
  adminPassword: string
  demoPassword: string
}

/** Whether the directory was used before. */
export const hasSecrets = (dataDir: string): boolean => existsSync(join(dataDir, 'secrets.json'))

/** Reads `<dataDir>/secrets.json`, or makes it. */
export function readSecrets(dataDir: string, ids: Ids): Secrets {
  const path = join(dataDir, 'secrets.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets
  const secrets: Secrets = { adminPassword: ids.bytes(15).toString('base64url'), demoPassword: ids.bytes(15).toString('base64url') }
  writeKept(path, JSON.stringify(secrets, null, 2))
  return secrets
}

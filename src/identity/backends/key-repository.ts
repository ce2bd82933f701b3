// Fernet keys in the data directory, laid out as Keystone's repositories are: files named by number, 0 is the
// staged key (next primary), the highest the primary that seals; all of them open. Rotation keeps a bounded number.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  fsyncSync,
  openSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Ids } from '../../platform/ids.ts'
import { fernetKeyBytes } from '../tokens/fernet.ts'

export interface Keys {
  primary: Buffer
  /** primary first */
  all: Buffer[]
  /** moves when a key comes or goes */
  version: number
}

const numbers = (folder: string): number[] =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a)

/** Written whole or not at all, readable by the owner alone. */
function writeKey(folder: string, number: number, key: Buffer): void {
  const partial = join(folder, `.${number}.new`)
  writeFileSync(partial, key.toString('base64url') + '=', { mode: 0o600 })
  const file = openSync(partial, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(partial, join(folder, String(number)))
}

/** Of a folder as it is now, 0 when there is none: whether what was loaded is still all there is. */
export const keysVersion = (folder: string): number => (existsSync(folder) ? statSync(folder).mtimeMs : 0)

/** When the primary key was made, in milliseconds since 1970; null when there are no keys yet. */
export function keysMadeAtMs(folder: string): number | null {
  const [primary] = existsSync(folder) ? numbers(folder) : []
  return primary === undefined ? null : statSync(join(folder, String(primary))).mtimeMs
}

/** The keys of a folder; made at first use. */
export function keysLoad(folder: string, ids: Ids): Keys {
  if (!existsSync(join(folder, '1'))) {
    if (!existsSync(folder) || numbers(folder).length === 0) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeKey(folder, 0, ids.bytes(fernetKeyBytes))
      writeKey(folder, 1, ids.bytes(fernetKeyBytes))
    }
  }
  const found = numbers(folder).map((number) => Buffer.from(readFileSync(join(folder, String(number)), 'utf8').trim(), 'base64url'))
  const [primary] = found
  if (!primary) throw new Error(`${folder} holds no key`)
  return { primary, all: found, version: keysVersion(folder) }
}

/** The staged key becomes primary, a new one is staged, the oldest beyond `keep` go. */
export function keysRotate(folder: string, ids: Ids, keep = 3): Keys {
  keysLoad(folder, ids)
  const next = (numbers(folder)[0] ?? 0) + 1
  renameSync(join(folder, '0'), join(folder, String(next)))
  writeKey(folder, 0, ids.bytes(fernetKeyBytes))
  const secondary = numbers(folder).filter((number) => number !== 0)
  for (const number of secondary.slice(Math.max(1, keep - 1))) rmSync(join(folder, String(number)))
  return keysLoad(folder, ids)
}

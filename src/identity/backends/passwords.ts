// Password hashes: argon2id, 19 MiB, two passes, one lane, by node:crypto on the thread pool. Kept in the usual
// text form `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, so that costs can be raised later and old ones still verify.
// 33 ms of a core each, measured (@node-rs/argon2: 15 ms, but a native package): 56 a second on two cores.
import { argon2, timingSafeEqual } from 'node:crypto'
import type { Ids } from '../../platform/ids.ts'
import { FairQueue, type Lane } from './hash-queue.ts'

const memoryKib = 19_456
const passes = 2
const saltBytes = 16
const tagBytes = 32
/** the thread pool has four threads: some stay free for files */
const atOnce = 3
const waitingAtMost = 1000

interface Cost {
  memory: number
  passes: number
  parallelism: number
  salt: Buffer
  tagLength: number
}

/** one for the process, as its thread pool is */
const queue = new FairQueue({ atOnce, waitingAtMost })
export const hashesWaiting = (): number => queue.waiting

/** Hashes that nobody outside asked for. */
const ownLane: Lane = { group: 'cloud', lane: '' }

const derive = (password: string, cost: Cost, lane: Lane): Promise<Buffer> =>
  queue.run(
    lane,
    () =>
      new Promise((resolve, reject) => {
        const parameters = {
          message: password,
          nonce: cost.salt,
          parallelism: cost.parallelism,
          tagLength: cost.tagLength,
          memory: cost.memory,
          passes: cost.passes,
        }
        argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)))
      }),
  )

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/** Hashes a new password with a salt of its own. */
export async function passwordHash(ids: Ids, password: string, lane = ownLane): Promise<string> {
  const salt = ids.bytes(saltBytes)
  const tag = await derive(password, { memory: memoryKib, passes, parallelism: 1, salt, tagLength: tagBytes }, lane)
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${unpadded(salt)}$${unpadded(tag)}`
}

/** A hash that no password has: verified against when there is none, so that both cases take the same time. */
const nobody = `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${unpadded(Buffer.alloc(saltBytes, 1))}$${unpadded(Buffer.alloc(tagBytes))}`

/** Whether the password is the hash's; always as slow as a real comparison, also when there is no hash. */
export async function passwordMatches(hash: string | null | undefined, password: string, lane = ownLane): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash ?? nobody)
  if (!match) throw new Error('a password hash in the store is of an unknown form')
  const wanted = Buffer.from(match[5] ?? '', 'base64')
  const cost = {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt: Buffer.from(match[4] ?? '', 'base64'),
    tagLength: wanted.length,
  }
  const tag = await derive(password, cost, lane)
  return timingSafeEqual(tag, wanted) && Boolean(hash)
}

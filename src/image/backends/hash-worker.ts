// One hash in a thread of its own: takes blocks of shared memory, says when each is done with, and the digest at
// the end. Hashing is two thirds of an upload's CPU time; MD5 and SHA-512 side by side use the second core.
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'

/** block: hash its first `length` bytes, then answer with its index; null: answer with the digest. */
export type HashOrder = { block: number; length: number } | null
export type HashAnswer = { block: number } | { digest: string }

const { algorithm, memory, blockBytes } = workerData as { algorithm: string; memory: SharedArrayBuffer; blockBytes: number }
const bytes = new Uint8Array(memory)
const hash = createHash(algorithm)

parentPort?.on('message', (order: HashOrder) => {
  if (order === null) return void parentPort?.postMessage({ digest: hash.digest('hex') } satisfies HashAnswer)
  const start = order.block * blockBytes
  hash.update(bytes.subarray(start, start + order.length))
  parentPort?.postMessage({ block: order.block } satisfies HashAnswer)
})

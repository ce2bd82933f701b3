// One hash in a thread of its own: takes orders { block, length } on blocks of shared memory and answers each when it
// is done with; null asks for the digest. Plain JavaScript, because a thread that first loads the type stripper
// costs twice as much (65 instead of 33 ms of CPU). Counterpart: hashing.ts.
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'

const bytes = new Uint8Array(workerData.memory)
const hash = createHash(workerData.algorithm)

parentPort.on('message', (order) => {
  if (order === null) return parentPort.postMessage(hash.digest('hex'))
  const start = order.block * workerData.blockBytes
  hash.update(bytes.subarray(start, start + order.length))
  parentPort.postMessage('')
})

// Digests in a thread of their own: several streams' at once, each a lane. Takes orders on blocks of shared memory and answers each when
// it is done with. Plain JavaScript, because a thread that first loads the type stripper costs twice as much (65 instead of
// 33 ms of CPU); what only S3 asks for is loaded when it does. Counterpart: hashing.ts.
import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

/** @type {Map<number, { update(bytes: Uint8Array): void, digest(): Buffer }>} */
const lanes = new Map()
const crcs = ['crc32', 'crc32c', 'crc64nvme']

async function start(name) {
  if (!crcs.includes(name)) return createHash(name)
  const { crcStart } = await import('./crc.ts')
  return crcStart(name)
}

async function obey({ lane, start: name, block, length, digest, drop }) {
  if (name !== undefined) return void lanes.set(lane, await start(name))
  if (drop) return void lanes.delete(lane)
  const running = lanes.get(lane)
  if (block !== undefined) {
    running.update(new Uint8Array(block, 0, length))
    return parentPort.postMessage(null)
  }
  if (digest) {
    lanes.delete(lane)
    parentPort.postMessage(running.digest())
  }
}

// one after another: loading a CRC's tables takes a turn
let last = Promise.resolve()
parentPort.on('message', (order) => {
  last = last.then(() => obey(order))
})

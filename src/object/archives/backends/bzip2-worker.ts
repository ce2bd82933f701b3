// A thread that undoes bzip2. It is asked for the next bytes with `null` and answers with them, with 'more' when it needs more of the
// archive (sent as bytes; empty: there is no more), with 'end', or with what is wrong. Counterpart: bunzip.ts.
import { parentPort } from 'node:worker_threads'
import { Bzip2, Bzip2Fault } from './bzip2.ts'

const archive = new Bzip2()
let chunks: Generator<Uint8Array> | null = null

function next(): Uint8Array | 'more' | 'end' {
  for (;;) {
    const chunk = chunks?.next()
    if (chunk && !chunk.done) return chunk.value
    if (!archive.isReady) return 'more'
    chunks = archive.step()
    if (!chunks) return 'end'
  }
}

parentPort?.on('message', (bytes: Uint8Array | null) => {
  if (bytes?.length === 0) archive.end()
  else if (bytes) archive.push(bytes)
  try {
    parentPort?.postMessage(next())
  } catch (error) {
    if (!(error instanceof Bzip2Fault)) throw error
    parentPort?.postMessage({ fault: error.message })
  }
})

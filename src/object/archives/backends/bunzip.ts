// A bzip2 archive's bytes as they come out of a thread of their own (bzip2-worker.ts), no faster than they are read.
import { Worker } from 'node:worker_threads'
import { Bzip2Fault } from './bzip2.ts'

type Answer = Uint8Array | 'more' | 'end' | { fault: string }

/** The archive's content; a Bzip2Fault when it is none, or is broken. */
export async function* bunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const worker = new Worker(new URL('./bzip2-worker.ts', import.meta.url))
  const input = source[Symbol.asyncIterator]()
  try {
    for (let order: Uint8Array | null = null; ;) {
      const answer = await ask(worker, order)
      order = null
      if (answer === 'end') return
      if (answer === 'more') order = await nextOf(input)
      else if (answer instanceof Uint8Array) yield Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
      else throw new Bzip2Fault(answer.fault)
    }
  } finally {
    await worker.terminate()
  }
}

/** The next bytes; none at the end. */
async function nextOf(input: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  for (;;) {
    const { value, done } = await input.next()
    if (done) return new Uint8Array(0)
    if (value.length > 0) return value
  }
}

function ask(worker: Worker, order: Uint8Array | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off('message', onAnswer).off('error', onError).off('exit', onExit)
    }
    const onAnswer = (answer: Answer) => {
      settle()
      resolve(answer)
    }
    const onError = (error: Error) => {
      settle()
      reject(error)
    }
    const onExit = () => onError(new Error('the bzip2 thread ended'))
    worker.on('message', onAnswer).on('error', onError).on('exit', onExit)
    worker.postMessage(order)
  })
}

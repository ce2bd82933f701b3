// Sends a stream's bytes as they come and gives their pieces back when the socket has them. What breaks on either side breaks the other: nobody
// takes a part for the whole.
import type { Readable, Writable } from 'node:stream'
import { pieceGive } from './pieces.ts'

/** Resolves when all went out and the answer is ended; `to` is destroyed when it rejects. `count` is told of each piece. */
export function sendBytes(body: Readable, to: Writable, count: (bytes: number) => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      settle()
      body.destroy()
      to.destroy()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      count(chunk.length)
      if (!to.write(chunk, () => pieceGive(chunk))) body.pause()
    }
    const onDrain = () => body.resume()
    const onEnd = () => to.end()
    const onFinish = () => {
      settle()
      resolve()
    }
    const onClose = () => fail(Object.assign(new Error('the reader went away'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
    const onBodyClose = () => {
      if (!body.readableEnded) fail(body.errored ?? Object.assign(new Error('the bytes broke off'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
    }
    const settle = () => {
      body.off('data', onData).off('end', onEnd).off('error', fail).off('close', onBodyClose)
      to.off('drain', onDrain).off('finish', onFinish).off('error', fail).off('close', onClose)
      // what breaks later is nobody's business any more
      for (const stream of [body, to]) stream.on('error', () => undefined)
    }
    if (body.destroyed) return onBodyClose()
    if (to.destroyed) return onClose()
    to.on('drain', onDrain).on('finish', onFinish).on('error', fail).on('close', onClose)
    body.on('data', onData).on('end', onEnd).on('error', fail).on('close', onBodyClose)
  })
}

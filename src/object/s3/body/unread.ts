// What is left of a body when its request has been refused. The rest is read away within bounds, so that a client which writes before it
// reads gets to see the refusal; whoever still writes then loses the connection with the answer.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'

const bytesAtMost = 16_777_216
const msAtMost = 3_000

/** Resolves to whether the connection can be used for a further request. */
export function unreadDrain(clock: Clock, raw: IncomingMessage, response: ServerResponse): Promise<boolean> {
  // whoever waits for 100 Continue has sent nothing, and now will not (or, having grown tired, will: then the connection ends)
  const waits = raw.headers.expect !== undefined && !response.writableEnded && raw.readableFlowing === null && !raw.readableDidRead
  if (raw.complete || raw.destroyed || waits) return Promise.resolve(raw.complete && !waits)
  return new Promise((resolve) => {
    let bytes = 0
    const done = (mayGoOn: boolean) => {
      timer.cancel()
      raw.off('data', onData).off('end', onEnd).off('close', onClose)
      resolve(mayGoOn)
    }
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bytesAtMost) done(false)
    }
    const onEnd = () => done(true)
    const onClose = () => done(false)
    const timer = clock.after(msAtMost, () => done(false))
    raw.on('data', onData).once('end', onEnd).once('close', onClose)
    raw.resume()
  })
}

// What work asks of the outside, with an end: a call that hangs must not hold its item, its worker and its lease for ever.
import type { WorkContext } from './definition.ts'

/** Its outcome is unknown, and it may still come to pass: what goes on must have a later fence. */
export class TookTooLong extends Error {}

/** Rejects with TookTooLong when `run` does not end in time; its call's signal tells it so, if it listens. */
export async function bounded<T>(
  work: WorkContext,
  { maxMs, what }: { maxMs: number; what: string },
  run: (inner: WorkContext) => Promise<T>,
): Promise<T> {
  const ends = new AbortController()
  const outer = work.call.signal
  // by hand: AbortSignal.any costs several times as much, and the collector as much again
  const onAbort = () => ends.abort(outer?.reason)
  if (outer?.aborted) onAbort()
  else outer?.addEventListener('abort', onAbort, { once: true })
  const tooLong = Promise.withResolvers<never>()
  const timer = work.ctx.clock.after(maxMs, () => {
    const error = new TookTooLong(`${what} did not end`)
    tooLong.reject(error)
    ends.abort(error)
  })
  try {
    return await Promise.race([run({ ...work, call: { ...work.call, signal: ends.signal } }), tooLong.promise])
  } finally {
    timer.cancel()
    outer?.removeEventListener('abort', onAbort)
  }
}

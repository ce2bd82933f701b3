// What work asks of the outside, with an end: a call that hangs must not hold its item, its worker and its lease for ever.
import type { WorkContext } from './definition.ts'

/** Its outcome is unknown, and it may still come to pass: whoever goes on must have a later fence. */
export class TookTooLong extends Error {}

/** Rejects with TookTooLong when `run` does not end in time; its call's signal tells it so, if it listens. */
export async function bounded<T>(work: WorkContext, { maxMs, what }: { maxMs: number; what: string }, run: (inner: WorkContext) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const signal = work.call.signal ? AbortSignal.any([work.call.signal, late.signal]) : late.signal
  const tooLong = Promise.withResolvers<never>()
  const timer = work.ctx.clock.after(maxMs, () => {
    const error = new TookTooLong(`${what} did not end`)
    tooLong.reject(error)
    late.abort(error)
  })
  try {
    return await Promise.race([run({ ...work, call: { ...work.call, signal } }), tooLong.promise])
  } finally {
    timer.cancel()
  }
}

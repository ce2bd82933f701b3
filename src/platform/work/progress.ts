// How far a step is, in words, kept in its item's row for those who look (`stackling why`). A hint: when it cannot be
// written, nothing is lost.
import type { Timer } from '../clock.ts'
import type { Call } from '../../contract/call.ts'
import type { WorkContext } from './definition.ts'
import { itemUpdateFenced, type ItemRow } from './items.ts'

/** what lasts no longer says nothing, and costs nothing */
const everyMs = 2_000

/** Takes what the call reports; `stop` must be called before the item moves on. */
export function keepProgress(
  { ctx: { clock, log, platform } }: WorkContext,
  item: ItemRow,
): { progress: NonNullable<Call['progress']>; stop(): void } {
  let latest = ''
  let timer: Timer | null = null
  let isOver = false
  const write = () => {
    timer = null
    itemUpdateFenced(platform.store, item, { progress: latest }).catch((error: unknown) =>
      log.warn({ err: error, item: item.id }, 'progress could not be kept'),
    )
  }
  return {
    progress(percent, what) {
      latest = `${Math.floor(percent)} %${what === undefined ? '' : ` of ${what}`}`
      if (!isOver) timer ??= clock.after(everyMs, write)
    },
    stop() {
      isOver = true
      timer?.cancel()
    },
  }
}

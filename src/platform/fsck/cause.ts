// What is known of a difference's cause: work of the resource that was abandoned, else what failed in its timeline, else the end of that.
import type { Context } from '../context.ts'
import { changeEvent, storyOf, type EventLine } from '../events.ts'
import { itemsOfResource } from '../work/items.ts'
import type { Finding } from './check.ts'

const linesRead = 20

/** One line, or null when nobody knows anything. */
export async function causeOf(ctx: Context, { resourceId }: Finding): Promise<string | null> {
  const dead = (await itemsOfResource(ctx.db, resourceId)).find(({ kind, state }) => kind === 'saga' && state === 'dead')
  if (dead) return `${dead.name} was abandoned: ${dead.reason ?? 'no reason'}`
  const lines = (await storyOf(ctx.platform, resourceId, linesRead)).filter(({ event }) => event !== changeEvent)
  // a failure in the last request tells more than how that request went on
  const telling =
    lines.find(({ result, request_id }) => result === 'error' && request_id === lines[0]?.request_id) ??
    lines.find(({ result }) => result !== 'decision')
  if (!telling) return null
  return telling.result === 'error' ? inWords(telling) : `nothing that was recorded; the last of it: ${inWords(telling)}`
}

const results = {
  start: 'began',
  success: 'was done',
  error: 'failed',
  decision: 'was decided',
  retry: 'failed and was repeated',
  wait: 'waited',
  unwind: 'failed for good',
} as const

const inWords = ({ action, event, result, message, at, request_id, host }: EventLine): string =>
  `${action}${event === '' ? '' : ` (${event})`} ${results[result]}${host === null ? '' : ` on ${host}`} at ${at} by ${request_id}${message === null ? '' : `: ${message}`}`

// The words for durable work, in `stackling why` and `stackling work`: what it does now, what it waits for, what comes
// then, and what happens when that never comes. Pure: facts in, lines out.
import { inLine } from '../../platform/printable.ts'
import type { WorkView } from './work.ts'

/** 'name' (id), or the id of what has no name */
export const named = (name: string | null, id: string): string => (name === null ? id : `'${inLine(name)}' (${id})`)

/** A page of a list; ends with a line break. */
export function workListText(work: WorkView[], { state, isLast }: { state: string; isLast: boolean }, nowMs: number): string {
  if (work.length === 0) return `No work is ${state}.\n`
  const about = (item: WorkView) =>
    `${item.kind === 'saga' ? named(item.resource_name, item.resource_id) : item.resource_id}${item.project_id === null ? '' : ` of project ${named(item.project_name, item.project_id)}`}`
  const lines = work.flatMap((item) => [`${item.id}  ${about(item)}`, ...workLines(item, nowMs).map((line) => `  ${line}`), ''])
  return `${lines.join('\n')}${isLast ? '' : '… and more\n'}`
}

/** What an item does now, what it waits for, and what comes then. */
export function workLines(item: WorkView, nowMs: number): string[] {
  const step = item.step === null ? '' : ` ${item.phase === 'undo' ? 'undoing step' : 'at step'} '${item.step}'`
  if (item.state === 'dead') {
    return [
      `DEAD: ${item.name}${step} (${item.request_id})`,
      `  because: ${item.reason ?? 'unknown'}`,
      `  It does nothing more by itself. When the cause is mended: ./stackling work retry ${item.id}`,
    ]
  }
  return [
    `Under way: ${item.name}${step} since ${item.created_at} (${item.request_id})`,
    `  ${nextLine(item, nowMs)}`,
    ...(item.progress === null ? [] : [`  It is at ${item.progress}.`]),
    ...(item.reason === null ? [] : [`  ${item.phase === 'undo' ? 'It is undone because' : 'It waits because'}: ${item.reason}`]),
    ...(item.next_steps.length === 0 ? [] : [`  Then ${item.phase === 'undo' ? 'it undoes' : 'come'} ${quoted(item.next_steps)}.`]),
    ...(item.abandoned_at === null
      ? []
      : [
          `  It is abandoned at ${item.abandoned_at}${inTime(item.abandoned_at, nowMs)}${item.max_attempts === null ? '' : `, or when a step fails ${item.max_attempts} times`}: ${afterwards(item)}.`,
        ]),
  ]
}

/** What it does now, or waits for, or when its time comes. */
function nextLine({ state, attempts, max_attempts, runs_at, limit }: WorkView, nowMs: number): string {
  const of = (attempt: number) => `attempt ${attempt}${max_attempts === null ? '' : ` of ${max_attempts}`}`
  if (state === 'running' || runs_at === null) return `It runs now, ${of(attempts)}.`
  if (Date.parse(runs_at) > nowMs) return `It runs next at ${runs_at}${inTime(runs_at, nowMs)}, ${of(attempts + 1)}.`
  if (limit !== null && limit.running >= limit.max)
    return `It waits for its turn: ${limit.running} of at most ${limit.max} '${limit.key}' run now.`
  return 'It waits for its turn: others are before it.'
}

const minuteMs = 60_000

/** ' (in 3 s)'; nothing for what should have come already */
function inTime(iso: string, nowMs: number): string {
  const leftMs = Date.parse(iso) - nowMs
  if (leftMs <= 0) return ''
  return leftMs < 2 * minuteMs ? ` (in ${Math.ceil(leftMs / 1000)} s)` : ` (in ${Math.round(leftMs / minuteMs)} min)`
}

const quoted = (names: string[]): string => names.map((name) => `'${name}'`).join(', ')

function afterwards({ phase, undoes: steps }: WorkView): string {
  if (phase === 'undo') return 'then it is dead and waits for a person, and what is left of it stays'
  const end = 'the resource shows the reason'
  return steps.length === 0 ? `then ${end}` : `then ${quoted(steps)} ${steps.length === 1 ? 'is' : 'are'} undone and ${end}`
}

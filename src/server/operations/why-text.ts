// The words of `stackling why`: what was asked for and by whom, what was decided and on which grounds, what failed,
// what it waits for now, and what happens when that never comes. Pure: facts in, lines out.
import type { TimelineView, Why } from './why.ts'
import type { WorkView } from './work.ts'

const longestDetails = 500
const mostHosts = 5

/** The whole answer, ending with a line break. `nowMs` is for what is still to come. */
export function whyText({ resource, timeline, cut, work }: Why, nowMs: number): string {
  const lines = [`${resource.type} ${named(resource.name, resource.id)}`, ...whereLines(resource)]
  if (cut) lines.push('', `(older lines than the last ${timeline.length} are not shown)`)
  let before: TimelineView | undefined
  for (const event of timeline) {
    if (event.request_id !== before?.request_id || event.action !== before.action) lines.push('', `${event.at}  ${event.action}, asked for by ${whoAsked(event)} (${event.request_id})`)
    lines.push(...eventLines(event))
    before = event
  }
  lines.push('', ...(work.length === 0 ? ['Nothing is under way for it.'] : work.flatMap((item) => workLines(item, nowMs))))
  return `${lines.join('\n')}\n`
}

const named = (name: string | null, id: string): string => (name === null ? id : `'${name}' (${id})`)

function whereLines({ host, project_id, project_name }: Why['resource']): string[] {
  const parts = [...(project_id === null ? [] : [`of project ${named(project_name, project_id)}`]), ...(host === null ? [] : [`last seen on host ${host}`])]
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`]
}

const whoAsked = ({ user_id, user_name }: TimelineView): string => (user_id === null || user_id === 'stackling' ? 'the cloud itself' : `user ${named(user_name, user_id)}`)

const resultWords = {
  start: 'began', success: 'done', error: 'FAILED', decision: 'decided', retry: 'a try FAILED', wait: 'waits', unwind: 'FAILED for good',
} as const

function eventLines({ at, event, result, host, message, details }: TimelineView): string[] {
  const what = `${event === '' ? '' : `${event}: `}${resultWords[result]}`
  const where = host === null || result === 'decision' ? '' : ` on ${host}`
  const after = result === 'retry' ? ' and is repeated' : ''
  return [`  ${at.slice(11)}  ${what}${where}${after}${message === null ? '' : `: ${message}`}`, ...groundLines(details).map((line) => `      ${line}`)]
}

interface SchedulerGrounds {
  filters: { filter: string; left: number; removed: string[] }[]
  weights: { host: string; weight: number }[]
}

const isSchedulerGrounds = (details: object): details is SchedulerGrounds => 'filters' in details && Array.isArray(details.filters) && 'weights' in details && Array.isArray(details.weights)

/** The grounds of a decision: which filter left how many hosts and removed whom, and what the others weighed. */
function groundLines(details: unknown): string[] {
  if (details === null || details === undefined) return []
  if (typeof details !== 'object' || !isSchedulerGrounds(details)) return [shortened(JSON.stringify(details))]
  const weights = details.weights.slice(0, mostHosts).map(({ host, weight }) => `${host} ${Number(weight.toFixed(3))}`)
  return [
    ...details.filters.map(({ filter, left, removed }) => `${filter} left ${left}${removed.length === 0 ? '' : `, removed ${names(removed)}`}`),
    ...(weights.length === 0 ? [] : [`weights: ${weights.join(', ')}${details.weights.length > mostHosts ? ', …' : ''}`]),
  ]
}

const names = (all: string[]): string => `${all.slice(0, mostHosts).join(', ')}${all.length > mostHosts ? ` and ${all.length - mostHosts} more` : ''}`
const shortened = (text: string): string => (text.length > longestDetails ? `${text.slice(0, longestDetails)}…` : text)

function workLines(item: WorkView, nowMs: number): string[] {
  const step = item.step === null ? '' : ` ${item.phase === 'undo' ? 'taking back step' : 'at step'} '${item.step}'`
  if (item.state === 'dead') {
    return [
      `DEAD: ${item.name}${step} (${item.request_id})`,
      `  because: ${item.reason ?? 'unknown'}`,
      `  It does nothing more by itself. When the cause is mended: POST /operations/work/${item.id}/retry`,
    ]
  }
  return [
    `Under way: ${item.name}${step} since ${item.created_at} (${item.request_id})`,
    `  ${nextLine(item, nowMs)}`,
    ...(item.progress === null ? [] : [`  It is at ${item.progress}.`]),
    ...(item.reason === null ? [] : [`  ${item.phase === 'undo' ? 'It is taken back because' : 'It waits because'}: ${item.reason}`]),
    ...(item.next_steps.length === 0 ? [] : [`  Then ${item.phase === 'undo' ? 'it takes back' : 'come'} ${quoted(item.next_steps)}.`]),
    ...(item.given_up_at === null ? [] : [`  It is given up at ${item.given_up_at}${inTime(item.given_up_at, nowMs)}${item.max_attempts === null ? '' : `, or when a step fails ${item.max_attempts} times`}: ${afterwards(item)}.`]),
  ]
}

/** What it does now, or waits for, or when its time comes. */
function nextLine({ state, attempts, max_attempts, runs_at, limit }: WorkView, nowMs: number): string {
  const of = (attempt: number) => `attempt ${attempt}${max_attempts === null ? '' : ` of ${max_attempts}`}`
  if (state === 'running' || runs_at === null) return `It runs now, ${of(attempts)}.`
  if (Date.parse(runs_at) > nowMs) return `It runs next at ${runs_at}${inTime(runs_at, nowMs)}, ${of(attempts + 1)}.`
  if (limit !== null && limit.running >= limit.max) return `It waits for its turn: ${limit.running} of at most ${limit.max} '${limit.key}' run now.`
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

function afterwards({ phase, takes_back: steps }: WorkView): string {
  if (phase === 'undo') return 'then it is dead and waits for a person, and what is left of it stays'
  const end = 'the resource shows the reason'
  return steps.length === 0 ? `then ${end}` : `then ${quoted(steps)} ${steps.length === 1 ? 'is' : 'are'} taken back and ${end}`
}

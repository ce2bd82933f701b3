// The words of `stackling why`: what was asked for and by whom, what was decided and on which grounds, what failed,
// what it waits for now, and what happens when that never comes. Pure: facts in, lines out.
import type { TimelineView, Why } from './why.ts'
import type { WorkView } from './work.ts'

const longestDetails = 500
const mostHosts = 5

/** The whole answer, ending with a line break. */
export function whyText({ resource, timeline, cut, work }: Why): string {
  const lines = [`${resource.type} ${resource.id}${resource.project_id === null ? '' : ` of project ${resource.project_id}`}`]
  if (cut) lines.push('', `(older lines than the last ${timeline.length} are not shown)`)
  let before: TimelineView | undefined
  for (const event of timeline) {
    if (event.request_id !== before?.request_id || event.action !== before.action) lines.push('', `${event.at}  ${event.action}, asked for by ${whoAsked(event.user_id)} (${event.request_id})`)
    lines.push(...eventLines(event))
    before = event
  }
  lines.push('', ...(work.length === 0 ? ['Nothing is under way for it.'] : work.flatMap(workLines)))
  return `${lines.join('\n')}\n`
}

const whoAsked = (userId: string | null): string => (userId === null || userId === 'stackling' ? 'the cloud itself' : `user ${userId}`)

const resultWords = { start: 'began', success: 'done', error: 'FAILED', decision: 'decided' } as const

function eventLines({ at, event, result, host, message, details }: TimelineView): string[] {
  const what = `${event === '' ? '' : `${event}: `}${resultWords[result]}`
  const where = host === null || result === 'decision' ? '' : ` on ${host}`
  return [`  ${at.slice(11)}  ${what}${where}${message === null ? '' : `: ${message}`}`, ...groundLines(details).map((line) => `      ${line}`)]
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

function workLines(item: WorkView): string[] {
  const step = item.step === null ? '' : ` ${item.phase === 'undo' ? 'taking back step' : 'at step'} '${item.step}'`
  const lines = [`Under way: ${item.name}${step} since ${item.created_at} (${item.request_id})`]
  if (item.state === 'dead') {
    return [
      `DEAD: ${item.name}${step} (${item.request_id})`,
      `  because: ${item.reason ?? 'unknown'}`,
      `  It does nothing more by itself. When the cause is mended: POST /operations/work/${item.id}/retry`,
    ]
  }
  lines.push(item.state === 'running' ? `  It runs now, attempt ${item.attempts}.` : `  It runs next at ${item.runs_at}; begun ${times(item.attempts)} so far.`)
  if (item.reason !== null) lines.push(`  ${item.phase === 'undo' ? 'It is taken back because' : 'It waits because'}: ${item.reason}`)
  if (item.given_up_at !== null) lines.push(`  It is given up at ${item.given_up_at}: ${afterwards(item)}.`)
  return lines
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

function afterwards({ phase, takes_back: steps }: WorkView): string {
  if (phase === 'undo') return 'then it is dead and waits for a person, and what is left of it stays'
  const end = 'the resource shows the reason'
  return steps.length === 0 ? end : `then ${steps.map((name) => `'${name}'`).join(', ')} ${steps.length === 1 ? 'is' : 'are'} taken back and ${end}`
}

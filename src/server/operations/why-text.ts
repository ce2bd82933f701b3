// The words of `stackling why`: what was asked for and by whom, what was decided and on which grounds, what failed,
// what it waits for now, and what happens when that never comes. Pure: facts in, lines out.
import { changeEvent } from '../../platform/events.ts'
import type { Candidates, TimelineView, Why } from './why.ts'
import { named, workLines } from './work-text.ts'

/** Why nothing is known: what a word may be that is asked for. */
export const unknownText =
  'no resource of this name or address is here, nor was there one of this id; what is gone has its id only, ' +
  'a container or an object its whole name, AUTH_PROJECT/CONTAINER/OBJECT'

const longestDetails = 500
const mostHosts = 5

/** The whole answer, ending with a line break. `nowMs` is for what is still to come. */
export function whyText({ resource, timeline, cut, work }: Why, nowMs: number): string {
  const lines = [`${resource.type} ${named(resource.name, resource.id)}`, ...whereLines(resource)]
  if (cut) lines.push('', `(older lines than the last ${timeline.length} are not shown)`)
  if (timeline.length === 0) lines.push('', 'Nothing was written down of it: it was made with the cloud, or its kind leaves no timeline.')
  let before: TimelineView | undefined
  for (const event of timeline) {
    if (event.request_id !== before?.request_id || event.action !== before.action)
      lines.push('', `${event.at}  ${event.action}, asked for by ${whoAsked(event)} (${event.request_id})`)
    lines.push(...eventLines(event))
    before = event
  }
  lines.push('', ...(work.length === 0 ? ['Nothing is under way for it.'] : work.flatMap((item) => workLines(item, nowMs))))
  return `${lines.join('\n')}\n`
}

/** Which of the resources of this name is meant? */
export function candidatesText(word: string, candidates: Candidates['candidates']): string {
  const lines = candidates.map(
    ({ type, id, name, projectId, project_name }) =>
      `  ${type} ${named(name, id)}${projectId === null ? '' : `, of project ${named(project_name, projectId)}`}`,
  )
  return [`Several things are called ${word}; ask again with the id of one:`, ...lines, ''].join('\n')
}

function whereLines({ holder, host, project_id, project_name }: Why['resource']): string[] {
  const parts = [
    ...(holder === undefined ? [] : [`of ${holder.type} ${named(holder.name, holder.id)}`]),
    ...(project_id === null ? [] : [`of project ${named(project_name, project_id)}`]),
    ...(host === null ? [] : [`last seen on host ${host}`]),
  ]
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`]
}

const whoAsked = ({ user_id, user_name }: TimelineView): string =>
  user_id === null || user_id === 'stackling' ? 'the cloud itself' : `user ${named(user_name, user_id)}`

const resultWords = {
  start: 'began',
  success: 'done',
  error: 'FAILED',
  decision: 'decided',
  retry: 'a try FAILED',
  wait: 'waits',
  unwind: 'FAILED for good',
} as const

/** What nobody wrote a line about. */
const changedText = (facts: unknown): string =>
  facts === null
    ? 'is gone'
    : shortened(
        Object.entries(facts ?? {})
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(', '),
      )

function eventLines({ at, event, result, host, message, details, facts }: TimelineView): string[] {
  const what = event === changeEvent ? changedText(facts) : `${event === '' ? '' : `${event}: `}${resultWords[result]}`
  const where = host === null || result === 'decision' ? '' : ` on ${host}`
  const after = result === 'retry' ? ' and is repeated' : ''
  return [
    `  ${at.slice(11)}  ${what}${where}${after}${message === null ? '' : `: ${message}`}`,
    ...groundLines(details).map((line) => `      ${line}`),
  ]
}

interface SchedulerGrounds {
  filters: { filter: string; left: number; removed: string[]; lacks?: string[] }[]
  weights: { host: string; weight: number }[]
}

const isSchedulerGrounds = (details: object): details is SchedulerGrounds =>
  'filters' in details && Array.isArray(details.filters) && 'weights' in details && Array.isArray(details.weights)

/** The grounds of a decision: which filter left how many hosts and removed whom, and what the others weighed. */
function groundLines(details: unknown): string[] {
  if (details === null || details === undefined) return []
  if (typeof details !== 'object' || !isSchedulerGrounds(details)) return [shortened(JSON.stringify(details))]
  const weights = details.weights.slice(0, mostHosts).map(({ host, weight }) => `${host} ${Number(weight.toFixed(3))}`)
  return [
    ...details.filters.flatMap(({ filter, left, removed, lacks = [] }) => [
      `${filter} left ${left}${removed.length === 0 ? '' : `, removed ${names(removed)}`}`,
      ...lacks.map((line) => `  ${line}`),
    ]),
    ...(weights.length === 0 ? [] : [`weights: ${weights.join(', ')}${details.weights.length > mostHosts ? ', …' : ''}`]),
  ]
}

const names = (all: string[]): string =>
  `${all.slice(0, mostHosts).join(', ')}${all.length > mostHosts ? ` and ${all.length - mostHosts} more` : ''}`
const shortened = (text: string): string => (text.length > longestDetails ? `${text.slice(0, longestDetails)}…` : text)

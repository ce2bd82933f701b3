// The hints same_host and different_host: near to, or away from, servers named by id.
import type { Filter, Question } from './filter.ts'

const named = (question: Question, hint: string): string[] => {
  const value = question.request.hints?.[hint]
  return (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(String)
}

const hostsOf = (question: Question, hint: string): string[] => named(question, hint).flatMap((id) => question.hostsOfServers.get(id) ?? [])

export const sameHostFilter: Filter = {
  name: 'SameHostFilter',
  passes: (host, question) => named(question, 'same_host').length === 0 || hostsOf(question, 'same_host').includes(host.name),
}

export const differentHostFilter: Filter = {
  name: 'DifferentHostFilter',
  passes: (host, question) => !hostsOf(question, 'different_host').includes(host.name),
}

/** The servers that the hints name: their hosts must be looked up before. */
export const hintedServers = (hints: Record<string, unknown> | undefined): string[] =>
  ['same_host', 'different_host'].flatMap((hint) => {
    const value = hints?.[hint]
    return (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(String)
  })

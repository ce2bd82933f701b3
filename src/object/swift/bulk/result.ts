// What became of a request that did many things: counts, and what failed by name and status, as text, JSON or XML. It stands in the body
// of an answer that says 200 whatever happened.
import { quoted } from '../path.ts'

export type ResultType = 'text/plain' | 'application/json' | 'application/xml' | 'text/xml'

/** Name as it was given, and a status or words of it. */
export type Failure = [name: string, status: string]

/** 'Number Deleted': 3 and the like. */
export type Facts = Record<string, string | number>

/** The body; `root` names what was done where the format has a place for it. */
export function resultBody(
  type: ResultType,
  { facts, failures, root }: { facts: Facts; failures: readonly Failure[]; root: string },
): string {
  const named = failures.map(([name, status]): Failure => [quoted(name), status])
  if (type === 'application/json') return JSON.stringify({ ...facts, Errors: named })
  const lines = Object.keys(facts).sort()
  if (type !== 'text/plain') return xmlBody(lines, { facts, named, root })
  return `${lines.map((key) => `${key}: ${facts[key]}\n`).join('')}Errors:\n${named.map(([name, status]) => `${name}, ${status}\n`).join('')}`
}

/** An XML body begins with this, before the first sign of life. */
export const xmlStart = '<?xml version="1.0" encoding="UTF-8"?>\n'

function xmlBody(keys: string[], { facts, named, root }: { facts: Facts; named: Failure[]; root: string }): string {
  const element = (key: string) => key.replaceAll(' ', '_').toLowerCase()
  const values = keys.map((key) => `<${element(key)}>${xmlText(String(facts[key]))}</${element(key)}>\n`)
  const errors = named.map(([name, status]) => `<object><name>${xmlText(name)}</name><status>${xmlText(status)}</status></object>\n`)
  return `<${root}>\n${values.join('')}<errors>\n${errors.join('')}</errors>\n</${root}>\n`
}

const signs = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])
// eslint-disable-next-line no-control-regex
const xmlText = (text: string): string => text.replace(/[&<>]|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (sign) => signs.get(sign) ?? '�')

/** How a request ends of which some things failed: as a bad gateway when the server was to blame for any of them. */
export const failedStatus = (statuses: readonly number[]): string =>
  statuses.some((status) => status >= 500) ? '502 Bad Gateway' : '400 Bad Request'

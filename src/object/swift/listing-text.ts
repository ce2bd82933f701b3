// A page of a listing as text, JSON or XML.
import { Budget } from '../../platform/budget.ts'
import { table } from '../../platform/table.ts'
import type { Entry } from '../engine/index.ts'
import type { ListingType } from './accept.ts'

/** A line of a listing: fields of an object or a container, or only `subdir`. */
export type ListingRecord = Record<string, unknown> & ({ name: string } | { subdir: string })

export interface ListingPage<Row = never> {
  /** 'account' or 'container', and its name */
  root: 'account' | 'container'
  name: string
  entries: Entry<Row>[]
  recordOf(row: Row): ListingRecord
}

/** what a line costs of the budget: about 2 µs */
const stepsALine = 100

/** The page's text, made in portions: ten thousand lines do not hold up everybody else. */
export async function listingText<Row>(type: ListingType, { root, name, entries, recordOf }: ListingPage<Row>): Promise<string> {
  const budget = new Budget()
  const lines: string[] = []
  for (const entry of entries) {
    const record: ListingRecord = 'subdir' in entry ? { subdir: entry.subdir } : recordOf(entry.row)
    lines.push(lineOf(type, root, record))
    const turn = budget.take(stepsALine)
    if (turn) await turn
  }
  if (type === 'application/json') return `[${lines.join(',')}]`
  if (type === 'text/plain') return lines.join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} name="${xmlEscaped(name)}">${lines.join('')}</${root}>`
}

function lineOf(type: ListingType, root: ListingPage['root'], record: ListingRecord): string {
  if (type === 'application/json') return JSON.stringify(record)
  return type === 'text/plain' ? `${nameOf(record)}\n` : xmlLine(root, record)
}

const nameOf = (record: ListingRecord): string => String('subdir' in record ? record.subdir : record.name)

const entities = table({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })

// eslint-disable-next-line no-control-regex
const special = /[&<>"\u0000-\u001f]/g

/** Names hold what they like: signs of XML are written as entities, control characters as numbers. */
const xmlEscaped = (text: string): string => text.replace(special, (sign) => entities[sign] ?? `&#${sign.charCodeAt(0)};`)

const fieldsOf = {
  account: ['name', 'count', 'bytes', 'last_modified', 'storage_policy'],
  container: ['name', 'hash', 'bytes', 'content_type', 'last_modified'],
}

function xmlLine(root: ListingPage['root'], record: ListingRecord): string {
  if ('subdir' in record) {
    const subdir = xmlEscaped(String(record.subdir))
    return root === 'account' ? `<subdir name="${subdir}" />` : `<subdir name="${subdir}"><name>${subdir}</name></subdir>`
  }
  const one = root === 'account' ? 'container' : 'object'
  const fields = fieldsOf[root].map((field) => `<${field}>${xmlEscaped(String(record[field]))}</${field}>`)
  return `<${one}>${fields.join('')}</${one}>`
}

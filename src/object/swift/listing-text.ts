// A page of a listing as text, JSON or XML.
import { table } from '../../platform/table.ts'
import type { ListingType } from './accept.ts'

/** A line of a listing: fields of an object or a container, or only `subdir`. */
export type ListingRecord = Record<string, unknown> & ({ name: string } | { subdir: string })

export interface ListingPage {
  /** 'account' or 'container', and its name */
  root: 'account' | 'container'
  name: string
  records: ListingRecord[]
}

export function listingText(type: ListingType, page: ListingPage): string {
  if (type === 'application/json') return JSON.stringify(page.records)
  if (type === 'text/plain') return page.records.map((record) => `${nameOf(record)}\n`).join('')
  return xmlText(page)
}

const nameOf = (record: ListingRecord): string => String('subdir' in record ? record.subdir : record.name)

const entities = table({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })

// eslint-disable-next-line no-control-regex
const special = /[&<>"\u0000-\u001f]/g

/** Names hold what they like: signs of XML are written as entities, control characters as numbers. */
export const xmlEscaped = (text: string): string => text.replace(special, (sign) => entities[sign] ?? `&#${sign.charCodeAt(0)};`)

const fieldsOf = {
  account: ['name', 'count', 'bytes', 'last_modified', 'storage_policy'],
  container: ['name', 'hash', 'bytes', 'content_type', 'last_modified'],
}

function xmlText({ root, name, records }: ListingPage): string {
  const one = root === 'account' ? 'container' : 'object'
  const lines = records.map((record) => {
    if ('subdir' in record) {
      const subdir = xmlEscaped(String(record.subdir))
      return root === 'account' ? `<subdir name="${subdir}" />` : `<subdir name="${subdir}"><name>${subdir}</name></subdir>`
    }
    const fields = fieldsOf[root].map((field) => `<${field}>${xmlEscaped(String(record[field]))}</${field}>`)
    return `<${one}>${fields.join('')}</${one}>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} name="${xmlEscaped(name)}">${lines.join('')}</${root}>`
}

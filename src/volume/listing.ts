// What every list of this service is asked with, and how its filters are read: metadata as Python or JSON writes it,
// comparisons with times.
import { badRequest } from '../platform/errors.ts'
import type { Sort } from '../platform/store/page.ts'

export interface ListQuery {
  limit: number
  offset: number
  marker: string | undefined
  sorts: Sort[]
  allTenants: boolean
  withCount: boolean
  filters: Record<string, string>
}

/** "{'Type': 'Test'}" (as clients written in Python send it) or JSON. */
export function readPairs(text: string): Record<string, string> {
  const json = text.replace(/u?'((?:[^'\\]|\\.)*)'/g, (_match, inner: string) => JSON.stringify(inner.replace(/\\(.)/g, '$1')))
  for (const candidate of [text, json]) {
    try {
      const value = JSON.parse(candidate) as unknown
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]))
      }
    } catch {
      // the other notation is tried next
    }
  }
  throw badRequest(`Invalid input received: ${text} is not a set of key and value pairs.`)
}

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const

/** `created_at=gt:2020-01-01T00:00:00,lt:2030-01-01` since 3.60 */
export function readTimes(name: string, text: string): { comparison: '>' | '>=' | '<' | '<=' | '=' | '!='; value: string }[] {
  return text.split(',').map((part) => {
    const match = /^(?:(gte?|lte?|eq|neq):)?(.+)$/.exec(part.trim())
    const value = match?.[2] ?? ''
    const atMs = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
    if (Number.isNaN(atMs)) throw badRequest(`Invalid filter: ${name} is not a valid time: ${text}`)
    return { comparison: operators[(match?.[1] ?? 'eq') as keyof typeof operators], value: new Date(atMs).toISOString() }
  })
}

/** Since 3.31 a filter that is not known is refused; before, it is ignored. */
export function refuseUnknown(filters: Record<string, string>, known: readonly string[], strict: boolean): void {
  const unknown = Object.keys(filters).filter((name) => !known.includes(name) && !known.includes(name.replace(/~$/, '')))
  if (strict && unknown.length > 0) throw badRequest(`Invalid filters ${unknown.join(', ')} are found in query options.`)
}

/** The filters that each list knows: GET /resource_filters. */
export const resourceFilters: Record<string, string[]> = {
  volume: ['name', 'status', 'metadata', 'bootable', 'migration_status', 'availability_zone', 'group_id', 'size', 'created_at', 'updated_at', 'consumes_quota'],
  snapshot: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  attachment: ['volume_id', 'status', 'instance_id', 'attach_status'],
  message: ['resource_uuid', 'resource_type', 'event_id', 'request_id', 'message_level'],
  pool: ['name', 'volume_type'],
  volume_type: ['is_public', 'extra_specs'],
  group: ['name'],
  group_snapshot: ['name', 'status', 'group_id'],
}

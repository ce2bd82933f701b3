// URLs and lists as Keystone shows them.
import type { ApiRequest } from '../platform/api/operation.ts'
import { keystoneBoolean } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { table } from '../platform/table.ts'

export const baseUrl = (ctx: { config: { publicUrl: string } }): string => `${ctx.config.publicUrl}/identity/v3`

/** { self } of one resource: `links: selfLink(ctx, 'users', id)` */
export const selfLink = (ctx: Context, ...path: string[]): { self: string } => ({
  self: [baseUrl(ctx), ...path.map(encodeURIComponent)].join('/'),
})

interface Listed<T> {
  name: string
  items: T[]
  /** the rows before the query's filters: any of them may be the marker */
  known: { id: string }[]
}

/** A page of a list that has pages: at most `limit` items after the one with id `marker`. A full page has a next one. */
export function pageOf<T extends { id: string }>(ctx: Context, request: ApiRequest, { name, items, known }: Listed<T>) {
  const { limit, marker } = request.query as { limit?: unknown; marker?: unknown }
  const links = { next: null as string | null, self: ctx.config.publicUrl + request.url, previous: null }
  if (limit === undefined && marker === undefined) return { [name]: items, links }
  if (limit !== undefined && !/^\d{1,9}$/.test(String(limit))) throw badRequest(`Invalid limit: ${String(limit)} is not a whole number.`)
  if (marker !== undefined && !known.some(({ id }) => id === marker)) throw notFound(`Marker ${String(marker)} could not be found.`)
  const sorted = items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const after = marker === undefined ? sorted : sorted.filter(({ id }) => id > String(marker))
  if (limit === undefined) return { [name]: after, links }
  const page = after.slice(0, Number(limit))
  const last = page.at(-1)
  if (!last || page.length < Number(limit)) return { [name]: page, links }
  const [path = '', query] = request.url.split('?')
  const params = new URLSearchParams(query)
  params.set('marker', last.id)
  links.next = `${ctx.config.publicUrl}${path}?${params}`
  return { [name]: page, links, truncated: true }
}

/** { users: […], links: { next, self, previous } } */
export const listOf = (ctx: Context, request: ApiRequest, name: string, items: unknown[]) => ({
  [name]: items,
  links: { next: null, self: ctx.config.publicUrl + request.url, previous: null },
})

type Item = Record<string, unknown>
type Compare = (held: string, wanted: string) => boolean
const comparisons: Record<string, Compare> = table({
  contains: (held, wanted) => held.includes(wanted),
  startswith: (held, wanted) => held.startsWith(wanted),
  endswith: (held, wanted) => held.endsWith(wanted),
  icontains: (held, wanted) => held.toLowerCase().includes(wanted.toLowerCase()),
  istartswith: (held, wanted) => held.toLowerCase().startsWith(wanted.toLowerCase()),
  iendswith: (held, wanted) => held.toLowerCase().endsWith(wanted.toLowerCase()),
})

/** Keeps the items whose attributes are as the query says: `name=x`, `enabled=true`, `name__contains=x`. */
export function filtered<T extends Item>(items: T[], query: unknown, attributes: string[]): T[] {
  let result = items
  for (const [key, wanted] of Object.entries(query as Record<string, unknown>)) {
    const [attribute = '', comparison, ...rest] = key.split('__')
    if (!attributes.includes(attribute) || rest.length > 0 || typeof wanted !== 'string') continue
    const compare = comparison === undefined ? undefined : comparisons[comparison]
    if (comparison !== undefined && !compare) continue
    const isFlag = attribute === 'enabled' && comparison === undefined && keystoneBoolean(attribute, wanted)
    result = result.filter((item) => {
      const held = item[attribute]
      if (typeof held === 'boolean')
        return comparison === undefined && held === (attribute === 'enabled' ? isFlag : keystoneBoolean(attribute, wanted))
      if (held === null || held === undefined) return comparison === undefined && (wanted === 'null' || wanted === '')
      return compare ? compare(String(held), wanted) : String(held) === wanted
    })
  }
  return result
}

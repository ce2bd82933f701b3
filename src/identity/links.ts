// URLs and lists as Keystone shows them.
import { pageUrl } from '../platform/api/list.ts'
import type { ApiRequest } from '../platform/api/operation.ts'
import { keystoneBoolean } from '../platform/api/words.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import type { Rows, Where } from '../platform/store/rows.ts'
import { table } from '../platform/table.ts'

export const baseUrl = (ctx: { config: { publicUrl: string } }): string => `${ctx.config.publicUrl}/identity/v3`

/** { self } of one resource: `links: selfLink(ctx, 'users', id)` */
export const selfLink = (ctx: Context, ...path: string[]): { self: string } => ({
  self: [baseUrl(ctx), ...path.map(encodeURIComponent)].join('/'),
})

export type Query = Record<string, string | undefined>
type ListRequest = Pick<ApiRequest<Query>, 'query' | 'url'>

/** What the API shows of a row. */
export type Shown = Record<string, unknown>

/** The rows of a list that has pages, before its filters: any of them may be the marker. */
export interface Pages<Row extends { id: string }> {
  table: Rows<Row>
  where: Where<Row>
  /** a condition that the store does not know */
  keeps?(rows: Row[]): Row[] | Promise<Row[]>
}

interface Paged<Row extends { id: string }> extends Pages<Row> {
  name: string
  filters: string[]
  shown(ctx: Context, rows: Row[]): Promise<Shown[]>
}

const rowsAtOnce = 500

/** A page of a list that has pages: at most `limit` items after the one with id `marker`. A full page has a next one. */
export async function pageOf<Row extends { id: string }>(ctx: Context, request: ListRequest, paged: Paged<Row>) {
  const { limit, marker } = request.query
  filtered([], request.query, paged.filters)
  if (limit !== undefined && !/^\d{1,9}$/.test(limit)) throw badRequest(`Invalid limit: ${limit} is not a whole number.`)
  if (marker !== undefined && !(await isMarker(ctx, paged, marker))) throw notFound(`Marker ${marker} could not be found.`)
  const most = limit === undefined ? Infinity : Number(limit)
  const page = await itemsAfter(ctx, request.query, paged, { marker, most })
  const links = { next: null as string | null, self: ctx.config.publicUrl + request.url, previous: null }
  const last = page.at(-1)
  if (!last || page.length < most) return { [paged.name]: page, links }
  links.next = pageUrl(ctx, request.url, { marker: String(last['id']) })
  return { [paged.name]: page, links, truncated: true }
}

/** Reads on until the page is full: what the filters leave out may be most of the rows. */
async function itemsAfter<Row extends { id: string }>(
  ctx: Context,
  query: Query,
  { table: rows, where, keeps, shown, filters }: Paged<Row>,
  { marker, most }: { marker: string | undefined; most: number },
): Promise<Shown[]> {
  const items: Shown[] = []
  let limit = Math.min(most, rowsAtOnce)
  for (let after = marker; items.length < most; limit = rowsAtOnce) {
    const found = await rows.list(ctx.db, where, { limit, after })
    items.push(...filtered(await shown(ctx, keeps ? await keeps(found) : found), query, filters))
    if (found.length < limit) break
    after = found.at(-1)?.id
  }
  return items.length > most ? items.slice(0, most) : items
}

async function isMarker<Row extends { id: string }>(ctx: Context, { table: rows, where, keeps }: Pages<Row>, id: string): Promise<boolean> {
  const row = await rows.first(ctx.db, { ...where, id })
  return row !== undefined && (!keeps || (await keeps([row])).length > 0)
}

/** { users: […], links: { next, self, previous } } */
export const listOf = (ctx: Context, request: Pick<ApiRequest, 'url'>, name: string, items: unknown[]) => ({
  [name]: items,
  links: { next: null, self: ctx.config.publicUrl + request.url, previous: null },
})

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
export function filtered<T extends Shown>(items: T[], query: Query, attributes: string[]): T[] {
  let result = items
  for (const [key, wanted] of Object.entries(query)) {
    const [attribute = '', comparison, ...rest] = key.split('__')
    if (!attributes.includes(attribute) || rest.length > 0 || wanted === undefined) continue
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

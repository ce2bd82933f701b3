// Pages of lists as the services show them: how many rows, and the addresses of further pages. Which rows those are is said by
// platform/store/page.ts; what each service calls its filters and words its faults stands in its own files.
import type { Context } from '../context.ts'

/** How many rows a page holds: what was asked for, at most the configured maximum; none or 0 means the maximum too. */
export const pageLimit = (ctx: Context, asked: number | undefined): number =>
  asked === undefined || asked === 0 ? ctx.config.maxPageSize : Math.min(asked, ctx.config.maxPageSize)

/** The address of this request (path and query as sent) with other parameters; undefined takes one away. */
export function pageUrl(ctx: Context, url: string, parameters: Record<string, string | undefined>): string {
  const href = new URL(ctx.config.publicUrl + url)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) href.searchParams.delete(name)
    else href.searchParams.set(name, value)
  }
  return href.toString()
}

/**
 * The paths of the first and the next page, where a service's links are relative to itself: this request's query, without its marker and
 * with the next one's. Without a marker there is no next page.
 */
export function pagePaths(path: string, query: object, marker: string | undefined): { first: string; next?: string } {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (name !== 'marker' && value !== undefined) for (const one of [value].flat()) parameters.append(name, String(one))
  const first = parameters.size > 0 ? `${path}?${parameters.toString()}` : path
  if (marker === undefined) return { first }
  parameters.append('marker', marker)
  return { first, next: `${path}?${parameters.toString()}` }
}

export interface PageEnd {
  /** path and query of this request */
  url: string
  limit: number
  /** How many rows are on this page, or the rows themselves, whose last one's id is the marker. A full page has a next one. */
  rows: number | readonly { id: string }[]
  marker?: string | undefined
  /** what else is other in the next page's address; undefined: not there */
  parameters?: Record<string, string | undefined>
}

/** The address of the next page; undefined on the last one. */
function nextPage(ctx: Context, { url, limit, rows, marker, parameters }: PageEnd): string | undefined {
  const [count, last] = typeof rows === 'number' ? [rows, marker] : [rows.length, rows.at(-1)?.id]
  return last === undefined || count < limit ? undefined : pageUrl(ctx, url, { ...parameters, marker: last })
}

/** { servers_links: [{ rel: 'next', href }] }, or nothing on the last page. */
export function nextLink(ctx: Context, collection: string, end: PageEnd): Record<string, { rel: 'next'; href: string }[]> {
  const href = nextPage(ctx, end)
  return href === undefined ? {} : { [`${collection}_links`]: [{ rel: 'next', href }] }
}

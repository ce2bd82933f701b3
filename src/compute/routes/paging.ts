// limit, marker and the `…_links` of Nova's lists.
import type { Context } from '../../platform/context.ts'

/** How many rows a page holds: what was asked for, at most the configured maximum; 0 means the maximum too. */
export const pageLimit = (ctx: Context, asked: number | undefined): number =>
  asked === undefined || asked === 0 ? ctx.config.maxPageSize : Math.min(asked, ctx.config.maxPageSize)

interface PageEnd {
  /** path and query of this request */
  url: string
  limit: number
  /** rows on this page; a full page has a next one */
  rows: number
  marker: string | undefined
}

/** { servers_links: [{ rel: 'next', href }] }, or nothing on the last page. */
export function nextLink(ctx: Context, collection: string, end: PageEnd): Record<string, { rel: 'next'; href: string }[]> {
  if (end.rows < end.limit || end.marker === undefined) return {}
  const href = new URL(ctx.config.publicUrl + end.url)
  href.searchParams.set('marker', end.marker)
  return { [`${collection}_links`]: [{ rel: 'next', href: href.toString() }] }
}

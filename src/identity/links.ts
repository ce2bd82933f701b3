// URLs and lists as Keystone shows them.
import type { ApiRequest } from '../platform/api/operation.ts'
import type { Context } from '../platform/context.ts'

export const baseUrl = (ctx: { config: { publicUrl: string } }): string => `${ctx.config.publicUrl}/identity/v3`

/** { self } of one resource: `links: selfLink(ctx, 'users', id)` */
export const selfLink = (ctx: Context, ...path: string[]): { self: string } => ({ self: [baseUrl(ctx), ...path.map(encodeURIComponent)].join('/') })

/** { users: […], links: { next, self, previous } } */
export const listOf = (ctx: Context, request: ApiRequest, name: string, items: unknown[]) => ({
  [name]: items,
  links: { next: null, self: ctx.config.publicUrl + request.url, previous: null },
})

type Item = Record<string, unknown>
type Compare = (held: string, wanted: string) => boolean
const comparisons: Record<string, Compare> = {
  contains: (held, wanted) => held.includes(wanted),
  startswith: (held, wanted) => held.startsWith(wanted),
  endswith: (held, wanted) => held.endsWith(wanted),
  icontains: (held, wanted) => held.toLowerCase().includes(wanted.toLowerCase()),
  istartswith: (held, wanted) => held.toLowerCase().startsWith(wanted.toLowerCase()),
  iendswith: (held, wanted) => held.toLowerCase().endsWith(wanted.toLowerCase()),
}

const truth = (text: string): boolean => !['0', 'false', 'off', 'no', 'n', 'f'].includes(text.toLowerCase())

/** Keeps the items whose attributes are as the query says: `name=x`, `enabled=true`, `name__contains=x`. */
export function filtered<T extends Item>(items: T[], query: unknown, attributes: string[]): T[] {
  let result = items
  for (const [key, wanted] of Object.entries(query as Record<string, unknown>)) {
    const [attribute = '', comparison, ...rest] = key.split('__')
    if (!attributes.includes(attribute) || rest.length > 0 || typeof wanted !== 'string') continue
    const compare = comparison === undefined ? undefined : comparisons[comparison]
    if (comparison !== undefined && !compare) continue
    result = result.filter((item) => {
      const held = item[attribute]
      if (typeof held === 'boolean') return comparison === undefined && held === truth(wanted)
      if (held === null || held === undefined) return comparison === undefined && (wanted === 'null' || wanted === '')
      return compare ? compare(String(held), wanted) : String(held) === wanted
    })
  }
  return result
}

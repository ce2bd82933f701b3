// What all answers of placement share: since 1.15 they say when they changed and that nobody may cache them; answers
// are JSON or nothing.
import { Reply, type Operation } from '../../platform/api/operation.ts'
import type { RawQuery } from '../../platform/api/schema.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { ApiError } from '../../platform/errors.ts'

export interface AnswerOptions {
  status?: number
  headers?: Record<string, string>
  /** the newest of the times at which the shown things changed; now when there are none */
  modifiedAt?: string[]
}

/** An answer with the headers of its microversion. */
export function answer(ctx: Context, body: unknown, { status, headers, modifiedAt = [] }: AnswerOptions = {}): Reply {
  const newest = modifiedAt.length > 0 ? Date.parse([...modifiedAt].sort().at(-1) ?? '') : ctx.clock.nowMs()
  const dated = ctx.microversion.atLeast('1.15') ? { 'last-modified': new Date(newest).toUTCString(), 'cache-control': 'no-cache' } : {}
  return new Reply(body, { ...defined({ status }), headers: { ...dated, ...headers, ...absolute(ctx, headers) } })
}

/** Nothing to show, and where the made thing is. */
export const madeAt = (ctx: Context, status: number, path: string): Reply =>
  new Reply(undefined, { status, headers: absolute(ctx, { location: path }) })

/** A location is a whole URL. */
const absolute = (ctx: Context, headers: Record<string, string> | undefined): Record<string, string> =>
  headers?.['location'] === undefined ? {} : { location: ctx.config.publicUrl + headers['location'] }

/** Every answer is JSON: a client that accepts none is told so. */
export const inJson = (declared: Operation): Operation => ({
  ...declared,
  async handler(ctx, request) {
    const { accept } = request.headers
    if (request.method === 'GET' && accept !== undefined && !/(\*|application)\/(\*|json)/.test(accept))
      throw new ApiError('not_acceptable', 'Only application/json is provided')
    return declared.handler(ctx, request)
  },
})

/** A query, whatever its operation's schema calls it. */
interface Asked {
  query: object
}

/** All values of the query's name, in order. */
export function all({ query }: Asked, name: string): string[] {
  const value = (query as RawQuery)[name]
  return value === undefined ? [] : [value].flat()
}

/** A single value of the query; the last when there are several. */
export const one = (request: Asked, name: string): string | undefined => all(request, name).at(-1)

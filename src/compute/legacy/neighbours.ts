// Nova's old faces of other services (until 2.35) stand on those services' own operations, called in process. What a
// neighbour refuses is shown with Nova's status where Nova translates it.
import type { Context } from '../../platform/context.ts'
import { ApiError, type ErrorCode } from '../../platform/errors.ts'
import { localCall, type LocalRequest } from '../../platform/api/local-call.ts'
import type { Method } from '../../platform/api/operation.ts'
import type { Answers } from './answers.ts'

/** The microversions that have the old faces. */
export const proxied: [null, string] = [null, '2.35']

type Asked = Pick<LocalRequest, 'query' | 'body' | 'headers'> & { id?: string }

/** Runs a neighbour's operation as the actor: `neighbour(ctx, 'GET /networks/:id', { id })`. */
export async function neighbour<Name extends keyof Answers>(
  ctx: Context,
  name: Name,
  { id = '', ...asked }: Asked = {},
): Promise<Answers[Name]> {
  const [method, path] = name.split(' ') as [Method, string]
  const { body } = await localCall(ctx, { ...asked, ...located(ctx, path.replace(':id', encodeURIComponent(id))), method })
  // the neighbour's own JSON: localCall knows operations by their paths alone
  return body as Answers[Name]
}

/** Whose path it is. Cinder's carry the project. */
function located(ctx: Context, path: string): { path: string; microversion?: string } {
  if (/^\/(volumes|snapshots)/.test(path)) return { path: `/volume/v3/${ctx.projectId}${path}`, microversion: '3.0' }
  return { path: `${path.startsWith('/images') ? '/image/v2' : '/network/v2.0'}${path}` }
}

/** Runs it; a neighbour's refusal of one kind becomes another, with the neighbour's words. */
export async function translated<T>(run: Promise<T>, kinds: Partial<Record<ErrorCode, ErrorCode>>, message?: string): Promise<T> {
  try {
    return await run
  } catch (error) {
    const code = error instanceof ApiError ? kinds[error.code] : undefined
    if (!(error instanceof ApiError) || code === undefined) throw error
    throw new ApiError(code, message ?? error.message, { cause: error })
  }
}

// Nova's old faces of other services (until 2.35) stand on those services' own operations, called in process. What a
// neighbour refuses is shown with Nova's status where Nova translates it.
import type { Context } from '../../platform/context.ts'
import { ApiError, type ErrorCode } from '../../platform/errors.ts'
import { localCall, type LocalRequest } from '../../platform/api/local-call.ts'

/** The microversions that have the old faces. */
export const proxied: [null, string] = [null, '2.35']

type Ask = Omit<LocalRequest, 'path'> & { path: string }

const calling = (base: string) => async (ctx: Context, request: Ask) =>
  (await localCall(ctx, { ...request, path: `${base}${request.path}` })).body

export const neutron = calling('/network/v2.0')
export const glance = calling('/image/v2')

/** Cinder's paths carry the project. */
export const cinder = (ctx: Context, request: Ask) => calling(`/volume/v3/${ctx.projectId}`)(ctx, { microversion: '3.0', ...request })

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

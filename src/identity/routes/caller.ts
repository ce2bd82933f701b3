// What of a request a login looks at beside its body.
import type { ApiRequest } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import type { LoginCaller } from '../auth/gate.ts'

const one = (value: string | string[] | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** A client signs the URL that it used: the public one, or that of the host it asked for. */
export function callerOf(ctx: Context, request: ApiRequest): LoginCaller {
  const { origin, protocol } = new URL(ctx.config.publicUrl)
  const { host } = request.headers
  return {
    address: request.remoteAddress,
    receipt: one(request.headers['openstack-auth-receipt']),
    authorization: one(request.headers.authorization),
    urls: [origin, ...(host === undefined ? [] : [`${protocol}//${host}`])].map((base) => base + request.url),
  }
}

// Who asks: the token of X-Auth-Token, unless a step before has let a signature stand for somebody. Without a token, or with one that
// is not valid, it is nobody, whom a container's ACL may still let in.
import { isAllowed } from '../../platform/api/access-rules.ts'
import type { Actor } from '../../platform/context.ts'
import type { Caller, SwiftRequest } from './request.ts'
import { SwiftRefusal } from './refusals.ts'
import type { Step } from './steps.ts'

export const authentication: Step = async (request, next) => {
  if (request.caller.kind !== 'unknown') return next(request)
  return next(request.with({ caller: await callerOf(request) }))
}

async function callerOf(request: SwiftRequest): Promise<Caller> {
  const token = request.headers['x-auth-token'] ?? request.headers['x-storage-token']
  const actor = await actorOf(request, token)
  if (!actor) return { kind: 'anonymous' }
  const { accessRules } = actor
  const asked = { service: 'object-store', prefix: request.doorPrefix, method: request.raw.method ?? '', path: request.rawPath }
  // an application credential that is limited to other requests: its token is none here
  if (accessRules && !isAllowed(accessRules, asked)) throw new SwiftRefusal(401, undefined, wwwAuthenticate(request))
  const service = await actorOf(request, request.headers['x-service-token'])
  return service ? { kind: 'token', actor, service } : { kind: 'token', actor }
}

const actorOf = async ({ shared }: SwiftRequest, token: string | undefined): Promise<Actor | null> =>
  token === undefined || token === '' ? null : await shared.authenticate(token, shared.platform)

export const wwwAuthenticate = ({ account }: SwiftRequest): Record<string, string> => ({
  'www-authenticate': `Swift realm="${encodeURIComponent(account ?? 'unknown')}"`,
})

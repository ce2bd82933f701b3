// The way in of old tools: GET /auth/v1.0 with X-Auth-User `project:user` and X-Auth-Key, a password. The login is identity's own, with
// all that guards it; what comes back is an ordinary token and where the project's account is.
import { localCall } from '../../platform/api/local-call.ts'
import { anonymous } from '../../platform/api/dispatch.ts'
import { Context } from '../../platform/context.ts'
import { ApiError } from '../../platform/errors.ts'
import { answer, swiftError, type SwiftAnswer } from './answer.ts'
import { accountName } from './account-key.ts'
import type { SwiftRequest } from './request.ts'
import type { Step } from './steps.ts'

const paths = ['/auth/v1.0', '/auth/v1', '/auth/auth', '/v1.0']

export const v1Auth: Step = async (request, next) => {
  if (!request.platform.config.object.v1Auth || !paths.includes(request.path)) return next(request)
  if (request.method !== 'GET' && request.method !== 'HEAD') return swiftError(405, undefined, { allow: 'GET, HEAD' })
  return login(request)
}

async function login(request: SwiftRequest): Promise<SwiftAnswer> {
  const { headers } = request
  const user = headers['x-auth-user'] ?? headers['x-storage-user'] ?? ''
  const password = headers['x-auth-key'] ?? headers['x-storage-pass'] ?? ''
  const colon = user.indexOf(':')
  const [project, name] = [user.slice(0, Math.max(0, colon)), user.slice(colon + 1)]
  if (project === '' || name === '' || password === '') return denied(project)
  try {
    const made = await tokenOf(request, { project, name, password })
    return made ?? denied(project)
  } catch (thrown) {
    // too many logins at once is told as such; why one failed is nobody's business
    if (thrown instanceof ApiError && (thrown.status === 401 || thrown.status === 404)) return denied(project)
    throw thrown
  }
}

const denied = (project: string): SwiftAnswer =>
  swiftError(401, undefined, { 'www-authenticate': `Swift realm="${encodeURIComponent(project || 'unknown')}"` })

interface Login {
  project: string
  name: string
  password: string
}

/** A token by identity's API; null where that wants more than a password. */
async function tokenOf(request: SwiftRequest, { project, name, password }: Login): Promise<SwiftAnswer | null> {
  const { platform, transId, remoteAddress, shared } = request
  const domain = { id: 'default' }
  const { status, headers } = await localCall(new Context(platform, { actor: anonymous, requestId: transId }), {
    method: 'POST',
    path: '/identity/v3/auth/tokens',
    remoteAddress,
    body: {
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    },
  })
  const token = headers['x-subject-token']
  if (status !== 201 || token === undefined) return null
  const actor = await shared.authenticate(token, platform)
  if (actor?.projectId == null) return null
  return answer(200, {
    body: '',
    headers: {
      'x-auth-token': token,
      'x-storage-token': token,
      'x-auth-token-expires': String(Math.max(0, Math.floor((actor.expiresAtMs - platform.clock.nowMs()) / 1000))),
      'x-storage-url': `${platform.config.publicUrl}${request.doorPrefix}/v1/${accountName(actor.projectId)}`,
    },
  })
}

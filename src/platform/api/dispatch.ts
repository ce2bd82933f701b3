// The life of a request, in order: request id → token → microversion → which operation → query and body against
// their schemas → handler → "was the policy asked?" → answer or the service's error. All of it happens here.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import { Context, type Actor, type Platform } from '../context.ts'
import { ApiError, assert, badRequest, unauthorized } from '../errors.ts'
import { isDatabaseAway } from '../store/postgres.ts'
import { isSerializationFailure, isStorageFull } from '../store/store.ts'
import { HostError } from '../../host/contract.ts'
import { isAllowed } from './access-rules.ts'
import { Microversion, negotiate } from './microversion.ts'
import { Reply, type ApiRequest, type Operation, type Service } from './operation.ts'
import { validateBody, validateQuery } from './validate.ts'

/** Turns the value of X-Auth-Token into who asks; null when the token is not valid. */
export type Authenticate = (token: string, platform: Platform) => Promise<Actor | null>

export interface Dispatch {
  platform: Platform
  service: Service
  authenticate: Authenticate
}

const anonymous: Actor = {
  userId: '', userName: '', userDomainId: '', userDomainName: '', projectId: null, projectName: null, projectDomainId: null, projectDomainName: null,
  domainId: null, systemScope: false, roles: [], methods: [], applicationCredentialId: null, expiresAtMs: 0, auditIds: [],
}

/** Answers one request to one path, which `candidates` (all operations of this method and path) share. */
export async function dispatch({ platform, service, authenticate }: Dispatch, candidates: Operation[], request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const startedMs = platform.clock.nowMs()
  const requestId = `req-${platform.ids.uuid()}`
  let actor = anonymous
  reply.header('x-openstack-request-id', requestId)
  if (service.type === 'compute') reply.header('x-compute-request-id', requestId)
  try {
    if (candidates[0]?.policy !== null) actor = await authenticated({ platform, service, authenticate }, request)
    const microversion = service.microversions && negotiate(service.microversions, request.headers)
    if (microversion) versionHeaders(service, microversion, reply)
    const operation = choose(candidates, microversion, request.body)
    const ctx = new Context(platform, {
      actor,
      requestId,
      ...(operation.policy === null ? {} : { rule: operation.policy }),
      ...(microversion ? { microversion } : {}),
    })
    const answer = await operation.handler(ctx, read(service, operation, request))
    assert(operation.policy === null || ctx.wasAuthorized, `${operation.method} ${operation.path} answered without asking the policy`)
    return send(reply, operation, answer)
  } catch (error) {
    // what nobody will read of a refused upload goes away, or the next request on its connection waits behind it
    request.raw.resume()
    return sendError(reply, { platform, service, requestId, request }, error)
  } finally {
    if (platform.config.logLevel !== 'error') {
      platform.log.info(
        { request: requestId, status: reply.statusCode, ms: platform.clock.nowMs() - startedMs, user: actor.userId, project: actor.projectId },
        `${request.method} ${pathOnly(request.url)}`,
      )
    }
  }
}

const pathOnly = (url: string): string => url.split('?', 1)[0] ?? url

async function authenticated({ platform, service, authenticate }: Dispatch, request: FastifyRequest): Promise<Actor> {
  const token = request.headers['x-auth-token']
  const actor = typeof token === 'string' && token !== '' ? await authenticate(token, platform) : null
  const rules = actor?.accessRules
  const ruled = rules && !isAllowed(rules, { service: service.type, prefix: service.prefix, method: request.method, path: pathOnly(request.url) })
  if (!actor || ruled) throw unauthorized(undefined, { headers: { 'www-authenticate': `Keystone uri="${platform.config.publicUrl}/identity"` } })
  return actor
}

function versionHeaders(service: Service, microversion: Microversion, reply: FastifyReply): void {
  const range = service.microversions
  assert(range, 'a microversion without a range')
  reply.header('openstack-api-version', `${range.service} ${microversion}`)
  reply.header('vary', range.legacyHeader ? 'OpenStack-API-Version, X-OpenStack-Nova-API-Version' : 'OpenStack-API-Version')
  if (range.legacyHeader) reply.header(range.legacyHeader, String(microversion))
}

function choose(candidates: Operation[], microversion: Microversion | undefined, body: unknown): Operation {
  const served = candidates.filter((operation) => isServed(operation, microversion))
  const [first] = served
  if (!first) throw new ApiError('not_found')
  if (first.action === undefined) return first
  const keys = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body) : []
  if (keys.length !== 1) throw badRequest(keys.length === 0 ? 'Malformed request body' : 'Malformed request body: one action at a time')
  const found = served.find((operation) => operation.action === keys[0])
  if (!found) throw badRequest(`There is no such action: ${keys[0]}`)
  return found
}

function isServed({ versions }: Operation, microversion: Microversion | undefined): boolean {
  if (!versions || !microversion) return true
  const [min, max] = versions
  return (min === null || microversion.atLeast(min)) && (max === null || microversion.compare(Microversion.of(max)) <= 0)
}

function read(service: Service, operation: Operation, request: FastifyRequest): ApiRequest {
  const query = request.query as Record<string, unknown>
  if (operation.query) validateQuery(operation.query, query, service.faults)
  let body = request.body
  if (operation.body && !operation.stream) {
    if (body instanceof Readable) throw new ApiError('unsupported_media_type', `The media type ${request.headers['content-type'] ?? 'None'} is not supported, use application/json`)
    if (operation.action !== undefined) validateBody(operation.body, (body = (body as Record<string, unknown>)[operation.action]), service.faults)
    else if (body !== undefined && body !== null) validateBody(operation.body, body, service.faults)
    else if (!operation.bodyOptional) throw badRequest('The request has no body, or one that is not JSON.')
  }
  return {
    method: request.method,
    params: request.params as Record<string, string>,
    query,
    body,
    headers: request.headers,
    url: request.url,
    stream: body instanceof Readable ? body : request.raw,
    remoteAddress: request.ip,
  }
}

function send(reply: FastifyReply, operation: Operation, answer: unknown): FastifyReply {
  let body = answer
  let status = operation.status
  if (answer instanceof Reply) {
    body = answer.body
    status = answer.status ?? status
    for (const name in answer.headers) reply.header(name, answer.headers[name])
  }
  reply.code(status)
  if (body === undefined || status === 204) return reply.send()
  if (typeof body === 'string' || body instanceof Readable || Buffer.isBuffer(body)) {
    if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json')
    return reply.send(body)
  }
  if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json')
  return reply.send(JSON.stringify(body))
}

interface Failure {
  platform: Platform
  service: Service
  requestId: string
  request: FastifyRequest
}

function sendError(reply: FastifyReply, failure: Failure, thrown: unknown): FastifyReply {
  const error = asApiError(thrown)
  if (error.status >= 500) failure.platform.log.error({ request: failure.requestId, err: error.cause ?? thrown }, `${failure.request.method} ${pathOnly(failure.request.url)} failed`)
  return renderError(reply, failure.service, error, failure.requestId)
}

/** Writes an error in the service's own format. */
export function renderError(reply: FastifyReply, service: Service, error: ApiError, requestId: string): FastifyReply {
  for (const [name, value] of Object.entries(error.headers)) reply.header(name, value)
  const version = reply.getHeader('openstack-api-version')
  const { contentType, body } = service.errors(error, requestId, typeof version === 'string' ? version.split(' ').at(-1) : undefined)
  return reply.code(error.status).header('content-type', contentType).send(body)
}

const hostErrorCodes = { not_found: 'not_found', conflict: 'conflict', no_space: 'insufficient_storage', bad_image: 'bad_request', unsupported: 'not_implemented' } as const

/** What a user may know of anything that was thrown. Bugs become a 500 that says nothing but the request id. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof HostError) return new ApiError(hostErrorCodes[thrown.code as keyof typeof hostErrorCodes] ?? 'unavailable', thrown.message, { cause: thrown })
  const { statusCode, message } = thrown as { statusCode?: number; message?: string }
  if (statusCode === 413) return new ApiError('too_large')
  if (statusCode === 415) return new ApiError('unsupported_media_type')
  if (statusCode === 400 && ((thrown as { code?: string }).code === 'FST_ERR_CTP_INVALID_JSON_BODY' || thrown instanceof SyntaxError)) return badRequest(`Malformed JSON: ${message}`)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return badRequest(message)
  if (isDatabaseAway(thrown) || isSerializationFailure(thrown)) return new ApiError('unavailable', undefined, { cause: thrown })
  if (isStorageFull(thrown)) return new ApiError('insufficient_storage', 'The disk of the cloud is full: nothing was changed. Try again when there is room.', { cause: thrown })
  return new ApiError('internal', undefined, { cause: thrown })
}

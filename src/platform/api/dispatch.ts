// The life of a request, in order: request id → token (401) → microversion → could this token satisfy any rule here
// (403) → body (413, 415, 400) → which operation → query and sizes → body and target in the service's own order →
// handler → "was the policy asked?" → answer or the service's error. All of it happens here; docs/requests.md tells why.
import { Readable } from 'node:stream'
import { Context, credentialsOf, type Actor, type Platform } from '../context.ts'
import { ApiError, assert, badRequest, unauthorized } from '../errors.ts'
import { isAllowed } from './access-rules.ts'
import { readBody } from './body.ts'
import { asApiError, renderError } from './failure.ts'
import type { Incoming } from './incoming.ts'
import { checkQuery, usualBodyBytes } from './limits.ts'
import { novaMedia } from './media-types.ts'
import { Microversion, negotiate } from './microversion.ts'
import { Reply, type ApiRequest, type Operation, type Service } from './operation.ts'
import type { Outgoing } from './outgoing.ts'
import { validateBody, validateQuery } from './validate.ts'

/** Turns the value of X-Auth-Token into who asks; null when the token is not valid. */
export type Authenticate = (token: string, platform: Platform) => Promise<Actor | null>

export interface Dispatch {
  platform: Platform
  service: Service
  authenticate: Authenticate
}

/** The actor of a request without a token. */
export const anonymous: Actor = {
  userId: '',
  userName: '',
  userDomainId: '',
  userDomainName: '',
  projectId: null,
  projectName: null,
  projectDomainId: null,
  projectDomainName: null,
  domainId: null,
  systemScope: false,
  roles: [],
  methods: [],
  applicationCredentialId: null,
  expiresAtMs: 0,
  auditIds: [],
}

/** Answers one request to one path, which `candidates` (all operations of this method and path) share. */
export async function dispatch(
  { platform, service, authenticate }: Dispatch,
  candidates: Operation[],
  incoming: Incoming,
): Promise<Outgoing> {
  const startedMs = platform.clock.nowMs()
  const requestId = `req-${platform.ids.uuid()}`
  const headers: Outgoing['headers'] = { 'x-openstack-request-id': requestId }
  if (service.type === 'compute') headers['x-compute-request-id'] = requestId
  let actor = anonymous
  let outgoing: Outgoing | undefined
  try {
    if (candidates[0]?.policy !== null) actor = await authenticated({ platform, service, authenticate }, incoming)
    const microversion = service.microversions && negotiate(service.microversions, incoming.headers)
    if (microversion) versionHeaders(service, microversion, headers)
    const served = microversion ? candidates.filter((operation) => isServed(operation, microversion)) : candidates
    if (served.length === 0) throw new ApiError('not_found')
    refuseHopeless(platform, actor, { service, operations: served })
    const body = wantsBody(served, incoming)
      ? await readBody(incoming.raw, served[0]?.media ?? service.media ?? novaMedia, service.maxBodyBytes ?? usualBodyBytes)
      : undefined
    const operation = choose(served, body)
    if (operation.action !== undefined) refuseHopeless(platform, actor, { service, operations: [operation] })
    const ctx = new Context(platform, {
      actor,
      requestId,
      ...(operation.policy === null ? {} : { rule: operation.policy }),
      ...(microversion ? { microversion } : {}),
    })
    const answer = await operation.handler(ctx, await read({ ctx, service, operation }, incoming, body))
    assert(operation.policy === null || ctx.wasAuthorized, `${operation.method} ${operation.path} answered without asking the policy`)
    outgoing = answered(operation, answer, headers)
  } catch (thrown) {
    // what nobody will read of a refused upload goes away, or the next request on its connection waits behind it
    incoming.raw.resume()
    const error = asApiError(thrown)
    if (error.status >= 500)
      platform.log.error({ request: requestId, err: error.cause ?? thrown }, `${incoming.method} ${logged(incoming.path)} failed`)
    outgoing = renderError(service, error, requestId, headers)
  }
  if (platform.config.logLevel !== 'error') {
    platform.log.request(
      { request: requestId, status: outgoing.status, ms: platform.clock.nowMs() - startedMs, user: actor.userId, project: actor.projectId },
      `${incoming.method} ${logged(incoming.path)}`,
    )
  }
  return outgoing
}

const longestLoggedPath = 300

/** A path for the log: long enough for every real one, and no longer. */
const logged = (path: string): string => (path.length > longestLoggedPath ? `${path.slice(0, longestLoggedPath)}… (${path.length})` : path)

async function authenticated({ platform, service, authenticate }: Dispatch, { headers, method, path }: Incoming): Promise<Actor> {
  const token = headers['x-auth-token']
  const actor = typeof token === 'string' && token !== '' ? await authenticate(token, platform) : null
  const rules = actor?.accessRules
  const ruled = rules && !isAllowed(rules, { service: service.type, prefix: service.prefix, method, path })
  if (!actor || ruled)
    throw unauthorized(undefined, { headers: { 'www-authenticate': `Keystone uri="${platform.config.publicUrl}/identity"` } })
  return actor
}

function versionHeaders(service: Service, microversion: Microversion, headers: Record<string, string>): void {
  const range = service.microversions
  assert(range, 'a microversion without a range')
  headers['openstack-api-version'] = `${range.service} ${microversion}`
  headers['vary'] = range.legacyHeader ? 'OpenStack-API-Version, X-OpenStack-Nova-API-Version' : 'OpenStack-API-Version'
  if (range.legacyHeader) headers[range.legacyHeader] = String(microversion)
}

/** Refuses a token that no target could make fit for any of these operations: nothing of its request is looked at. */
function refuseHopeless(
  { policy: rules }: Platform,
  actor: Actor,
  { service, operations }: { service: Service; operations: Operation[] },
): void {
  const credentials = credentialsOf(actor)
  const may = operations.some(
    ({ policy, orPolicies }) => policy === null || [policy, ...(orPolicies ?? [])].some((rule) => rules.maySatisfy(rule, credentials)),
  )
  const rule = operations[0]?.policy ?? ''
  if (!may)
    throw (
      service.refusal?.(rule) ?? new ApiError('forbidden', `Policy doesn't allow ${rule} to be performed.`, { type: 'PolicyNotAuthorized' })
    )
}

/** GET and HEAD have none, whatever comes with them; bytes that are streamed and operations that declare no body leave it where it is. */
const wantsBody = (served: Operation[], { method }: Incoming): boolean =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  served.some(({ body, action, stream }) => !stream && (body !== undefined || action !== undefined))

function choose(served: Operation[], body: unknown): Operation {
  const [first] = served
  assert(first, 'an operation to choose')
  if (first.action === undefined) return first
  const keys = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body) : []
  if (keys.length !== 1) throw badRequest(keys.length === 0 ? 'Malformed request body' : 'Malformed request body: one action at a time')
  const found = served.find((operation) => operation.action === keys[0])
  if (!found) throw badRequest(`There is no such action: ${keys[0]}`)
  return found
}

function isServed({ versions }: Operation, microversion: Microversion): boolean {
  if (!versions) return true
  const [min, max] = versions
  return (min === null || microversion.atLeast(min)) && (max === null || microversion.compare(Microversion.of(max)) <= 0)
}

interface Chosen {
  ctx: Context
  service: Service
  operation: Operation
}

/** Of what is repeated in a query the first counts. */
function takeFirsts(query: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(query)) if (Array.isArray(value)) query[name] = value[0]
}

/** Query first; then the target and the policy before the body where the operation says so (Keystone), else after it. */
async function read({ ctx, service, operation }: Chosen, incoming: Incoming, sent: unknown): Promise<ApiRequest> {
  const query = incoming.query()
  if (incoming.url !== incoming.path) checkQuery(query)
  if (service.firstOfRepeated) takeFirsts(query)
  if (operation.query) validateQuery(operation.query, query, service.faults)
  const body = operation.action === undefined ? sent : (sent as Record<string, unknown>)[operation.action]
  const { params } = incoming
  await operation.target?.(ctx, { params, query, body })
  checkAgainstSchema(service, operation, body)
  return {
    method: incoming.method,
    params,
    query,
    body,
    headers: incoming.headers,
    url: incoming.url,
    stream: incoming.raw,
    // read at once: a getter in a literal gives each object a hidden class of its own, which keeps the request until a full collection
    remoteAddress: incoming.remoteAddress,
  }
}

function checkAgainstSchema(service: Service, operation: Operation, body: unknown): void {
  if (!operation.body || operation.stream) return
  if (operation.action !== undefined || (body !== undefined && body !== null)) validateBody(operation.body, body, service.faults)
  else if (!operation.bodyOptional) throw badRequest('The request has no body, or one that is not JSON.')
}

function answered(operation: Operation, answer: unknown, headers: Record<string, string>): Outgoing {
  let body = answer
  let status = operation.status
  if (answer instanceof Reply) {
    body = answer.body
    status = answer.status ?? status
    for (const name in answer.headers) headers[name] = answer.headers[name] ?? ''
  }
  if (body === undefined || status === 204) return { status, headers, body: undefined }
  headers['content-type'] ??= 'application/json'
  return {
    status,
    headers,
    body: typeof body === 'string' || body instanceof Readable || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  }
}

// The one HTTP listener: knows which service and operations stand behind a path, and how long a connection may take.
// What happens to a request stands in dispatch.ts. Fastify opens and closes it, and calls it in process for tests;
// requests do not go through its routes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fastify, type FastifyInstance, type HTTPMethods } from 'fastify'
import type { Platform } from '../context.ts'
import { ApiError, badRequest, errorTable } from '../errors.ts'
import { dispatch, type Authenticate } from './dispatch.ts'
import { asApiError, renderError } from './failure.ts'
import { Incoming } from './incoming.ts'
import { isUnfit } from './limits.ts'
import type { Service } from './operation.ts'
import { write, type Outgoing } from './outgoing.ts'
import { createRouteTable } from './route-table.ts'

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** So many connections at once; the next ones wait in the system's queue. A file descriptor and 30 KiB each. */
const maxConnections = 4_096
/** Headers that take longer, and connections that send nothing, are closed. */
const headersTimeoutMs = 20_000
/** A body that stops coming does not keep its connection; a slow upload that goes on does. */
const silenceMs = 120_000

/** An unopened listener with every service's operations: `listen()` opens it, `inject()` calls it in process. */
export function createListener(platform: Platform, services: Service[], authenticate: Authenticate): FastifyInstance {
  const answer = answerer(platform, services, authenticate)
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    serverFactory: () => openServer(answer),
    // what Fastify itself cannot read, in process only
    frameworkErrors: (_error, request, reply) => void (reply.hijack(), answer(request.raw, reply.raw)),
  })
  const inProcess = {
    onRequest: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): unknown }) =>
      void (reply.hijack(), answer(request.raw, reply.raw)),
    handler: () => {},
  }
  app.route({ method: methods, url: '*', exposeHeadRoute: false, ...inProcess })
  app.setNotFoundHandler((request, reply) => void (reply.hijack(), answer(request.raw, reply.raw)))
  return app
}

function openServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Server {
  // no limit for a whole request: an image may take an hour to upload
  const server = createServer(
    { keepAliveTimeout: 75_000, headersTimeout: headersTimeoutMs, requestTimeout: 0, connectionsCheckingInterval: 5_000 },
    answer,
  )
  server.maxConnections = maxConnections
  server.timeout = silenceMs
  return server
}

function answerer(
  platform: Platform,
  services: Service[],
  authenticate: Authenticate,
): (request: IncomingMessage, response: ServerResponse) => void {
  const find = createRouteTable(services)
  const respond = async (incoming: Incoming): Promise<Outgoing> => {
    const { path, method } = incoming
    let found
    try {
      found = find(path)
    } catch (error) {
      if (!(error instanceof URIError)) throw error
      return unknown(services, incoming, badRequest('The URL cannot be decoded.'))
    }
    if (!found || (found.route.strictSlash && path.endsWith('/')) || Object.values(found.params).some(isUnfit))
      return unknown(services, incoming)
    const { service, byMethod } = found.route
    const candidates = byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined)
    if (candidates) {
      incoming.params = found.params
      return dispatch({ platform, service, authenticate }, candidates, incoming)
    }
    if (method === 'HEAD') return unknown(services, incoming)
    return renderError(
      service,
      new ApiError('method_not_allowed', undefined, { headers: { allow: [...byMethod.keys()].join(', ') } }),
      'req-none',
    )
  }
  return (request, response) => {
    const incoming = new Incoming(request)
    const send = (outgoing: Outgoing) =>
      write(response, outgoing, {
        isHead: incoming.method === 'HEAD',
        onBroken: (error) =>
          platform.log.error({ request: outgoing.headers['x-openstack-request-id'], err: error }, 'the body of an answer broke off'),
      })
    respond(incoming).then(send, (thrown: unknown) => {
      platform.log.error({ err: thrown }, 'a request failed outside of its operation')
      send(unknown(services, incoming, asApiError(thrown)))
    })
  }
}

/** Says in the words of the service whose prefix it is that nothing stands at this path. */
function unknown(services: Service[], { url, raw }: Incoming, error = new ApiError('not_found')): Outgoing {
  raw.resume()
  const service = services.find(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`))
  if (service) return renderError(service, error, 'req-none')
  const message =
    error.code === 'not_found'
      ? `There is nothing here; the services are at ${services.map(({ prefix }) => prefix).join(', ')}.`
      : error.message
  return {
    status: error.status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error: { code: error.status, message, title: errorTable[error.code].title } }),
  }
}

// The one HTTP listener: mounts services on a Fastify instance. It knows paths and media types, nothing else;
// what happens to a request stands in dispatch.ts.
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import type { Platform } from '../context.ts'
import { ApiError } from '../errors.ts'
import { asApiError, dispatch, renderError, type Authenticate } from './dispatch.ts'
import type { Service } from './operation.ts'
import { createRouteTable } from './route-table.ts'

const methods: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

interface Mounted {
  platform: Platform
  services: Service[]
  authenticate: Authenticate
}

/** An unopened listener with every service's routes: `listen()` opens it, `inject()` calls it in process. */
export function createListener(platform: Platform, services: Service[], authenticate: Authenticate): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: platform.config.maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1024 },
    keepAliveTimeout: 75_000,
    // a body that stops coming does not keep its connection; a slow upload that goes on does
    connectionTimeout: 300_000,
    forceCloseConnections: true,
    // a client that sends `Content-Length: 0` with DELETE, or a broken URL, gets an answer, not a stack trace
    frameworkErrors: (error, _request, reply) => void (reply as FastifyReply).code(400).send({ error: { code: 400, message: error.message, title: 'Bad Request' } }),
  })
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  const jsonTypes = ['application/json', ...services.flatMap((service) => service.jsonMediaTypes ?? [])]
  app.addContentTypeParser(jsonTypes, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parseJson(request, body as string, done)
  })
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  mount(app, { platform, services, authenticate })
  app.setNotFoundHandler((request, reply) => answerUnknown(services, request, reply))
  app.setErrorHandler((error, request, reply) => {
    const service = serviceOf(services, request)
    if (!service) return reply.code(400).send({ error: { code: 400, message: 'The request cannot be read.', title: 'Bad Request' } })
    const shown = asApiError(error)
    if (shown.status >= 500) platform.log.error({ err: error }, `${request.method} ${request.url.split('?', 1)[0]} failed before its handler`)
    return renderError(reply, service, shown, 'req-none')
  })
  return app
}

/** One route of Fastify for everything; what stands behind a path says the table. */
function mount(app: FastifyInstance, { platform, services, authenticate }: Mounted): void {
  const find = createRouteTable(services)
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    const [path = ''] = request.url.split('?', 1)
    const found = find(path)
    if (!found || (found.route.strictSlash && path.endsWith('/'))) return answerUnknown(services, request, reply)
    const { service, byMethod } = found.route
    const candidates = byMethod.get(request.method) ?? (request.method === 'HEAD' ? byMethod.get('GET') : undefined)
    if (candidates) {
      request.params = found.params
      return dispatch({ platform, service, authenticate }, candidates, request, reply)
    }
    if (request.method === 'HEAD') return answerUnknown(services, request, reply)
    return renderError(reply, service, new ApiError('method_not_allowed', undefined, { headers: { allow: [...byMethod.keys()].join(', ') } }), 'req-none')
  }
  for (const method of methods) app.route({ method, url: '*', exposeHeadRoute: method === 'GET', handler })
}

const serviceOf = (services: Service[], request: FastifyRequest): Service | undefined =>
  services.find((service) => request.url === service.prefix || request.url.startsWith(`${service.prefix}/`) || request.url.startsWith(`${service.prefix}?`))

function answerUnknown(services: Service[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const service = serviceOf(services, request)
  if (service) return renderError(reply, service, new ApiError('not_found'), 'req-none')
  return reply.code(404).send({ error: { code: 404, message: `There is nothing here; the services are at ${services.map(({ prefix }) => prefix).join(', ')}.`, title: 'Not Found' } })
}

// The one HTTP listener: mounts services on a Fastify instance. It knows paths and media types, nothing else;
// what happens to a request stands in dispatch.ts.
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import type { Platform } from '../context.ts'
import { ApiError } from '../errors.ts'
import { asApiError, dispatch, renderError, type Authenticate } from './dispatch.ts'
import type { Operation, Service } from './operation.ts'

const methods: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

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
  for (const service of services) mount(app, platform, service, authenticate)
  app.setNotFoundHandler((request, reply) => answerUnknown(services, request, reply))
  app.setErrorHandler((error, request, reply) => {
    const service = serviceOf(services, request)
    if (!service) return reply.code(400).send({ error: { code: 400, message: 'The request cannot be read.', title: 'Bad Request' } })
    const shown = asApiError(error)
    if (shown.status >= 500) platform.log.error({ err: error }, `${request.method} ${request.routeOptions.url ?? ''} failed before its handler`)
    return renderError(reply, service, shown, 'req-none')
  })
  return app
}

/** '/servers/:id' below '/v2.1' of '/compute'; '^/' is the prefix itself. */
export function fullPaths(service: Service, operation: Pick<Operation, 'path'>): string[] {
  if (operation.path.startsWith('^')) return [service.prefix + operation.path.slice(1)]
  return service.bases.map((base) => service.prefix + base + operation.path)
}

function mount(app: FastifyInstance, platform: Platform, service: Service, authenticate: Authenticate): void {
  const routes = new Map<string, Map<HTTPMethods, Operation[]>>()
  for (const operation of service.operations) {
    for (const path of fullPaths(service, operation)) {
      const byMethod = routes.get(path) ?? new Map<HTTPMethods, Operation[]>()
      routes.set(path, byMethod)
      byMethod.set(operation.method, [...(byMethod.get(operation.method) ?? []), operation])
    }
  }
  const context = { platform, service, authenticate }
  for (const [url, byMethod] of routes) {
    // version documents (no policy) are links that end with a slash
    const isDocument = [...byMethod.values()].flat().every(({ policy }) => policy === null)
    const isNamed = service.strictSlash === true && !isDocument && url !== service.prefix && !service.bases.some((base) => url === service.prefix + base)
    /** '/volumes/' is an item without an id there, not the list */
    const isNothing = (request: FastifyRequest) => isNamed && /^[^?]*\/(\?|$)/.test(request.url)
    for (const [method, candidates] of byMethod) {
      app.route({
        method,
        url,
        exposeHeadRoute: method === 'GET' && !byMethod.has('HEAD'),
        handler: (request, reply) => (isNothing(request) ? answerUnknown([service], request, reply) : dispatch(context, candidates, request, reply)),
      })
    }
    const missing = methods.filter((method) => !byMethod.has(method))
    const allow = [...byMethod.keys()].join(', ')
    if (missing.length > 0) {
      app.route({
        method: missing,
        url,
        exposeHeadRoute: false,
        handler: (request, reply) =>
          isNothing(request) ? answerUnknown([service], request, reply) : renderError(reply, service, new ApiError('method_not_allowed', undefined, { headers: { allow } }), 'req-none'),
      })
    }
  }
}

const serviceOf = (services: Service[], request: FastifyRequest): Service | undefined =>
  services.find((service) => request.url === service.prefix || request.url.startsWith(`${service.prefix}/`) || request.url.startsWith(`${service.prefix}?`))

function answerUnknown(services: Service[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const service = serviceOf(services, request)
  if (service) return renderError(reply, service, new ApiError('not_found'), 'req-none')
  return reply.code(404).send({ error: { code: 404, message: `There is nothing here; the services are at ${services.map(({ prefix }) => prefix).join(', ')}.`, title: 'Not Found' } })
}

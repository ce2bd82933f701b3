// The one HTTP listener: knows which service and operations stand behind a path, and how long a connection may take.
// What happens to a request stands in dispatch.ts.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Platform } from '../context.ts'
import { ApiError, badRequest, errorTable } from '../errors.ts'
import { dispatch, type Authenticate } from './dispatch.ts'
import { doorAt, type Door, type DoorParts } from './door.ts'
import { asApiError, renderError } from './failure.ts'
import { Incoming } from './incoming.ts'
import { isUnfit } from './limits.ts'
import { listen, openServer, shut } from './open-server.ts'
import type { Service } from './operation.ts'
import { write, type Outgoing } from './outgoing.ts'
import { createRouteTable } from './route-table.ts'

/** Of a request that is not a door's, which may allow more: as much as Node takes by itself. */
const maxHeaderBytes = 16 * 1024

export interface Served {
  services: Service[]
  doors?: Door[]
  authenticate: Authenticate
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

export interface Listener {
  server: Server
  /** what it does with a request: tests call it in process */
  answer: RequestListener
  /** Opens it, and tells at which port. */
  listen(at: { address: string; port: number }): Promise<number>
  /** Ends its connections too, idle or not; fine when it was never opened. */
  close(): Promise<void>
}

/** An unopened listener with every service's operations. */
export function createListener(platform: Platform, { services, doors = [], authenticate }: Served): Listener {
  const throughRoutes = answerer(platform, services, authenticate)
  const doorOf = (request: IncomingMessage) => doorAt(doors, request, platform)
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const door = doorOf(request)
    if (door) void throughDoor(door, { request, response }, { platform, authenticate })
    else if (headerBytes(request) > maxHeaderBytes) response.writeHead(431, { connection: 'close' }).end()
    else throughRoutes(request, response)
  }
  const server = openServer(answer, { answersExpect: (request) => doorOf(request) !== undefined })
  return { server, answer, listen: (at) => listen(server, at), close: () => shut(server) }
}

/** Line and headers; about. */
const headerBytes = ({ url = '', rawHeaders }: IncomingMessage): number => rawHeaders.reduce((sum, text) => sum + text.length, url.length)

async function throughDoor(door: Door, { request, response }: Exchange, parts: DoorParts): Promise<void> {
  try {
    await door.handle(request, response, parts)
  } catch (error) {
    parts.platform.log.error({ err: error, door: door.prefix }, 'a request failed in its door')
    if (response.headersSent) response.destroy()
    else response.writeHead(500, { 'content-length': 0, connection: 'close' }).end()
  }
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

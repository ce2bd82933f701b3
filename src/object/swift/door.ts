// The Swift API.
import type { Door } from '../../platform/api/door.ts'

export const swiftHandle: Door['handle'] = async (request, response) => {
  request.resume()
  if (request.url === '/object/info') response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  else response.writeHead(501, { 'content-length': 0 }).end()
}

// The Swift API.
import type { Door } from '../../platform/api/door.ts'

export const swiftHandle: Door['handle'] = async (request, response) => {
  request.resume()
  response.writeHead(501, { 'content-length': 0 }).end()
}

// A request of the server's own inside a request: with the same asker, but none of the client's conditions, parameters and body.
import { Query } from './query.ts'
import type { Asked, SwiftRequest } from './request.ts'

/** Who asks, and the page they come from, of which a container's ACL may speak. */
const kept = ['x-auth-token', 'x-storage-token', 'x-service-token', 'referer']

export function inside(request: SwiftRequest, changes: Partial<Asked>): SwiftRequest {
  const headers: Record<string, string | undefined> = Object.create(null)
  for (const name of kept) headers[name] = request.headers[name]
  return request.with({ headers, query: new Query([]), body: null, ...changes })
}

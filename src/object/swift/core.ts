// Where a request ends that no step answered: what each method does to an account, a container or an object.
import { accountPost, accountPut, accountRead, accountRemove } from './accounts.ts'
import { containerPost, containerRead, containerRemove, containerWrite } from './containers.ts'
import { objectMove, objectPost, objectRemove, objectWrite } from './objects.ts'
import { methodNotAllowed } from './path-rules.ts'
import { objectRead } from './read-object.ts'
import type { Next } from './steps.ts'

type Methods = Record<string, Next>

const account: Methods = { GET: accountRead, HEAD: accountRead, POST: accountPost, PUT: accountPut, DELETE: accountRemove }
const container: Methods = {
  GET: containerRead,
  HEAD: containerRead,
  POST: containerPost,
  PUT: containerWrite,
  DELETE: containerRemove,
}
const object: Methods = {
  GET: objectRead,
  HEAD: objectRead,
  POST: (request) => (request.headers['x-rename-to'] === undefined ? objectPost(request) : objectMove(request)),
  PUT: objectWrite,
  DELETE: objectRemove,
}

export const core: Next = async (request) => {
  const methods = request.object !== null ? object : request.container !== null ? container : account
  const handler = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  return handler ? handler(request) : methodNotAllowed(request)
}

// What a path must be before anybody asks who comes with it: a known version, an account, and a method that its level has.
import { swiftError } from './answer.ts'
import type { SwiftRequest } from './request.ts'
import type { Step } from './steps.ts'

const versions = new Set(['v1', 'v1.0'])

const methods = {
  account: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'],
  container: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'],
  object: ['COPY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'],
}

/** The methods that its account, container or object has. */
export const allowedMethods = ({ container, object }: SwiftRequest): string[] =>
  object !== null ? methods.object : container !== null ? methods.container : methods.account

export const methodNotAllowed = (request: SwiftRequest, allowed = allowedMethods(request)) =>
  swiftError(405, undefined, { allow: allowed.join(', ') })

export const pathRules: Step = async (request, next) => {
  const { version, account, container, object } = request.asked
  if (version === '') return swiftError(404)
  if (account !== null && !versions.has(version)) return swiftError(400)
  if (account === null || (container === null && object !== null)) return swiftError(412, 'Bad URL')
  if (!allowedMethods(request).includes(request.method)) return methodNotAllowed(request)
  return next(request)
}

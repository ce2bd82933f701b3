// Since 2.102 no GET takes a query parameter that it does not know. Every operation that is served from there on is held
// to the names of its own schema, here for all of them, before its handler runs.
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'

const closedSince = '2.102'

interface QuerySchema {
  properties?: Record<string, unknown>
  additionalProperties?: boolean
}

/** The same operation, which refuses unknown parameters with 400 in the microversions that do. */
export function closedQuery(operation: Operation): Operation {
  const { properties = {}, additionalProperties } = (operation.query ?? {}) as QuerySchema
  if (operation.method !== 'GET' || operation.policy === null || additionalProperties === false) return operation
  const names = new Set(Object.keys(properties))
  return {
    ...operation,
    async handler(ctx: Context, request: ApiRequest<never, never>) {
      const unknown = ctx.microversion.atLeast(closedSince)
        ? Object.keys(request.query as object).find((name) => !names.has(name))
        : undefined
      if (unknown !== undefined)
        throw badRequest(
          `Invalid input for query parameters Additional properties are not allowed ('${unknown.slice(0, 200)}' was unexpected)`,
        )
      return operation.handler(ctx, request)
    },
  }
}

// What a user may know of anything that was thrown, and how it goes out in the service's own format.
import { HostError } from '../../contract/call.ts'
import { ApiError } from '../errors.ts'
import { isDatabaseAway } from '../store/postgres.ts'
import { isSerializationFailure, isStorageFull } from '../store/store.ts'
import type { Service } from './operation.ts'
import type { Outgoing } from './outgoing.ts'

const hostErrorCodes = {
  not_found: 'not_found',
  conflict: 'conflict',
  no_space: 'insufficient_storage',
  bad_image: 'bad_request',
  unsupported: 'not_implemented',
} as const

/** Bugs become a 500 that says nothing but the request id. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof HostError)
    return new ApiError(hostErrorCodes[thrown.code as keyof typeof hostErrorCodes] ?? 'unavailable', thrown.message, { cause: thrown })
  if (isDatabaseAway(thrown) || isSerializationFailure(thrown)) return new ApiError('unavailable', undefined, { cause: thrown })
  if (isStorageFull(thrown))
    return new ApiError('insufficient_storage', 'The disk of the cloud is full: nothing was changed. Try again when there is room.', {
      cause: thrown,
    })
  return new ApiError('internal', undefined, { cause: thrown })
}

/** An error as an answer; `headers` are those that go out whatever the answer is. */
export function renderError(service: Service, error: ApiError, requestId: string, headers: Record<string, string> = {}): Outgoing {
  const version = headers['openstack-api-version']
  const { contentType, body } = service.errors(error, requestId, version?.split(' ').at(-1))
  return { status: error.status, headers: { ...headers, ...error.headers, 'content-type': contentType }, body }
}

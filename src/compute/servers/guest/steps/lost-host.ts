// A host that does not answer while a guest is taken away from it: nobody waits for it for ever.
import { HostError } from '../../../../contract/call.ts'
import { ApiError } from '../../../../platform/errors.ts'

/** After so many tries a host that does not answer is left to the observer, which removes guests that no row explains. */
export const triesOfLostHost = 3

export const isLost = (error: unknown): boolean =>
  (error instanceof HostError && error.code === 'unreachable') || (error instanceof ApiError && error.code === 'unavailable')

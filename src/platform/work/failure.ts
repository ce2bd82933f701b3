// What a failure of a step means: try again, when, how often; and the text that a user reads.
import { HostError } from '../../contract/call.ts'
import { ApiError, errorTable } from '../errors.ts'
import { TookTooLong } from './bounded.ts'
import { NotYet, PermanentError } from './definition.ts'

/** tries of one step before the saga unwinds; clear refusals of one undo before it is dead */
export const maxAttempts = 6
/** the same when its host does not answer: about two minutes, in which a machine starts anew or its process is upgraded */
export const maxUnanswered = 12
/** how long after the saga's deadline an undo whose outcome is unknown (its host cannot be reached) is still tried */
export const undoGraceMs = 3_600_000
const firstBackOffMs = 250
const maxBackOffMs = 30_000

// stale_fence is not among them: the owner of the item asks again with a new fence, a former owner finds out that it is none
const permanentHostErrors = new Set(['bad_image', 'unsupported', 'conflict', 'not_found', 'no_space'])

/** Timeouts and lost hosts are unknown outcomes: observe and try again. A clear no is not worth a second question. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof PermanentError) return false
  if (error instanceof ApiError) return errorTable[error.code].retryable
  if (error instanceof HostError) return !permanentHostErrors.has(error.code)
  return true
}

/** How often a step is tried that ends with this error. */
export const attemptsAfter = (error: unknown): number =>
  error instanceof HostError && error.code === 'unreachable' ? maxUnanswered : maxAttempts

/** For an undo, a no that stays one: a full disk is not among them, since it is emptied some time. */
export const isRefusal = (error: unknown): boolean => !isRetryable(error) && !(error instanceof HostError && error.code === 'no_space')

/** May this undo, which was refused `refusals` times, be tried once more? What it leaves behind is lost to everyone, so it is patient. */
export const undoMayGoOn = ({ refusals, deadlineAt, nowMs }: { refusals: number; deadlineAt: number; nowMs: number }): boolean =>
  refusals < maxAttempts && nowMs < deadlineAt + undoGraceMs

/** Doubling from 250 ms to 30 s, with up to half of it taken off at random. */
export function backOffMs(attempt: number, fraction: number): number {
  const fullMs = Math.min(firstBackOffMs * 2 ** Math.max(attempt - 1, 0), maxBackOffMs)
  return Math.round(fullMs * (1 - fraction / 2))
}

const ours = [PermanentError, NotYet, TookTooLong, ApiError, HostError]

/** The reason that the API shows: messages of our own errors as they are, of bugs only that there was one. */
export function reasonText(error: unknown): string {
  if (ours.some((one) => error instanceof one)) return (error as Error).message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

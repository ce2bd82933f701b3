// What goes along with every call to a host, and how a host fails.
//
// Every call is idempotent and says the state that is wanted ("make it so"); a caller that does not know
// whether a call arrived calls again. A call carries a fence: a host remembers the highest fence it has
// seen for a resource and refuses an older one with HostError 'stale_fence'.

/** What goes along with every call that changes something. */
export interface Call {
  /** the fencing token of the work item on whose behalf this is; rises with every claim, whole cloud over */
  fence: number
  requestId: string
  /** percent 0..100, and of what; may be called often, one in two seconds is kept */
  progress?: (percent: number, what?: string) => void
  /** aborts when the work item lost its lease or was cancelled */
  signal?: AbortSignal
}

/** For what stands between control and a host, and treats calls that change something otherwise. */
export const isCall = (argument: unknown): argument is Call =>
  typeof argument === 'object' && argument !== null && 'fence' in argument && 'requestId' in argument

/** Failures a host names. Anything else that a driver throws is a bug or an outside failure: retryable. */
export type HostErrorCode =
  | 'stale_fence' // an older owner's call: give up, somebody else has the resource
  | 'not_found' // the guest, volume, … does not exist on this host
  | 'conflict' // the state does not allow it (a volume in use, a guest that is not running)
  | 'no_space' // the disk is full
  | 'bad_image' // the image is not what it says, or points outside itself
  | 'unsupported' // this host cannot do it
  | 'unreachable' // the host did not answer: the outcome is unknown, observe and call again
  | 'failed' // the engine said no; the message says what
export class HostError extends Error {
  code: HostErrorCode
  constructor(code: HostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HostError'
    this.code = code
  }
}

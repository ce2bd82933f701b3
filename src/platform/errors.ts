// Every failure that a user can see, in one table: a stable code, its HTTP status, a default text and whether
// trying again can help. Domains throw ApiError with the service's own exception name as `type`; each service's
// error format is rendered in api/error-formats.ts and nowhere else.

interface ErrorKind {
  status: number
  title: string
  text: string
  retryable: boolean
}

const kind = (status: number, title: string, text: string, retryable = false): ErrorKind => ({ status, title, text, retryable })

export const errorTable = {
  multiple_choices: kind(300, 'Multiple Choices', 'The resource has several versions.'),
  bad_request: kind(400, 'Bad Request', 'The request is not valid.'),
  unauthorized: kind(401, 'Unauthorized', 'The request you have made requires authentication.'),
  forbidden: kind(403, 'Forbidden', 'You are not authorized to perform the requested action.'),
  not_found: kind(404, 'Not Found', 'The resource could not be found.'),
  method_not_allowed: kind(405, 'Method Not Allowed', 'The method is not allowed for this resource.'),
  not_acceptable: kind(406, 'Not Acceptable', 'The requested version is not supported.'),
  request_timeout: kind(408, 'Request Timeout', 'The request took too long to arrive.', true),
  conflict: kind(409, 'Conflict', 'There was a conflict when trying to complete your request.'),
  gone: kind(410, 'Gone', 'This resource is no longer available.'),
  precondition_failed: kind(412, 'Precondition Failed', 'A precondition of the request does not hold.'),
  too_large: kind(413, 'Request Entity Too Large', 'The request is larger than the limit.'),
  unsupported_media_type: kind(415, 'Unsupported Media Type', 'The content type is not supported.'),
  range_not_satisfiable: kind(416, 'Range Not Satisfiable', 'The requested range cannot be satisfied.'),
  unprocessable: kind(422, 'Unprocessable Entity', 'The request cannot be processed.'),
  too_many_requests: kind(429, 'Too Many Requests', 'Too many requests; try again later.', true),
  internal: kind(500, 'Internal Server Error', 'An unexpected error prevented the server from fulfilling your request.'),
  not_implemented: kind(501, 'Not Implemented', 'The server does not implement this.'),
  unavailable: kind(503, 'Service Unavailable', 'The service cannot answer now; try again later.', true),
  insufficient_storage: kind(507, 'Insufficient Storage', 'The storage is full.', true),
} satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorTable

export interface ApiErrorOptions {
  /** the service's own exception name: Neutron's `type`, placement's `code` */
  type?: string
  /** for the log only, never for the user */
  cause?: unknown
  headers?: Record<string, string>
  /** extra text that some formats show: Neutron's `detail` */
  detail?: string
}

/** A failure with a place to go: the message is the user's text; what only the log may see is the cause. */
export class ApiError extends Error {
  code: ErrorCode
  type: string | undefined
  detail: string | undefined
  headers: Record<string, string>
  constructor(code: ErrorCode, message?: string, options: ApiErrorOptions = {}) {
    super(message ?? errorTable[code].text, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ApiError'
    this.code = code
    this.type = options.type
    this.detail = options.detail
    this.headers = options.headers ?? {}
  }
  get status(): number {
    return errorTable[this.code].status
  }
  /** The request is at fault, not the cloud: what another service says of it may be put in one's own words. */
  get isRefusal(): boolean {
    return this.status < 500
  }
}

export const badRequest = (message?: string, options?: ApiErrorOptions) => new ApiError('bad_request', message, options)
export const unauthorized = (message?: string, options?: ApiErrorOptions) => new ApiError('unauthorized', message, options)
export const forbidden = (message?: string, options?: ApiErrorOptions) => new ApiError('forbidden', message, options)
export const notFound = (message?: string, options?: ApiErrorOptions) => new ApiError('not_found', message, options)
export const conflict = (message?: string, options?: ApiErrorOptions) => new ApiError('conflict', message, options)

/** A bug, loudly: thrown when something that must be true is not. Never caught to go on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`)
}

// An answer of the Swift door, before it is written: status, headers by lower-case names, body. Errors are a few words of HTML.
import type { Readable } from 'node:stream'

export type Headers = Record<string, string>

export interface SwiftAnswer {
  status: number
  headers: Headers
  body?: string | Buffer | Readable
  /** a browser that navigates to it may show it: a web site of the user's. Everything else is then a file to save */
  mayShow?: boolean
}

const reasons: Record<number, [title: string, text: string]> = {
  202: ['Accepted', 'The request is accepted for processing.'],
  301: ['Moved Permanently', 'The resource has moved permanently.'],
  307: ['Temporary Redirect', 'The resource has moved temporarily.'],
  400: ['Bad Request', 'The request is malformed or otherwise incorrect.'],
  401: ['Unauthorized', 'This server could not verify that you may see what you asked for.'],
  403: ['Forbidden', 'Access was denied to this resource.'],
  404: ['Not Found', 'The resource could not be found.'],
  405: ['Method Not Allowed', 'The method is not allowed for this resource.'],
  406: ['Not Acceptable', 'The resource is not available in a format that you accept.'],
  408: ['Request Timeout', 'The server has waited too long for the request to be sent.'],
  409: ['Conflict', 'The request conflicts with what is there.'],
  410: ['Gone', 'This resource is no longer available.'],
  411: ['Length Required', 'Content-Length header required.'],
  412: ['Precondition Failed', 'A precondition for this request was not met.'],
  413: ['Request Entity Too Large', 'The body of your request was too large for this server.'],
  416: ['Requested Range Not Satisfiable', 'The Range requested is not available.'],
  422: ['Unprocessable Entity', 'Unable to process the contained instructions.'],
  497: ['Blacklisted', 'Your account is not served.'],
  498: ['Rate Limited', 'Slow down.'],
  500: ['Internal Error', 'The server could not do what was asked.'],
  501: ['Not Implemented', 'The requested method is not implemented by this server.'],
  502: ['Bad Gateway', 'Another server did not answer as it should.'],
  503: ['Service Unavailable', 'The server is currently unavailable. Please try again at a later time.'],
  507: ['Insufficient Storage', 'There was not enough space to save the resource.'],
}

/** An answer with whatever it holds; a text without a type is plain text. */
export function answer(
  status: number,
  { headers = {}, body, type }: { headers?: Headers; body?: SwiftAnswer['body']; type?: string } = {},
): SwiftAnswer {
  const made: SwiftAnswer = { status, headers: { ...headers } }
  if (body !== undefined) made.body = body
  if (type !== undefined || (typeof body === 'string' && headers['content-type'] === undefined))
    made.headers['content-type'] = type ?? 'text/plain; charset=utf-8'
  return made
}

/** An error in Swift's way: the usual words of the status as HTML, or a text of its own. */
export function swiftError(status: number, text?: string, headers: Headers = {}): SwiftAnswer {
  const [title, usual] = reasons[status] ?? ['Error', 'The request failed.']
  return text === undefined
    ? answer(status, { headers, type: 'text/html; charset=UTF-8', body: `<html><h1>${title}</h1><p>${usual}</p></html>` })
    : answer(status, { headers, type: headers['content-type'] ?? 'text/plain; charset=utf-8', body: text })
}

/** The words behind a status, for results that stand in bodies: '404 Not Found'. */
export const statusLine = (status: number): string =>
  `${status} ${{ 200: 'OK', 201: 'Created', 204: 'No Content' }[status] ?? reasons[status]?.[0] ?? 'Error'}`

export const isSuccess = ({ status }: SwiftAnswer): boolean => status >= 200 && status < 300

/** Lets go of a body that nobody will read. */
export function discardBody({ body }: SwiftAnswer): void {
  if (body !== undefined && typeof body === 'object' && 'destroy' in body) body.destroy()
}

// A request as it came: the only place that knows Node's message. What follows of its path, query and address is read
// when asked for, and with care: `?constructor=x` is a parameter like any other.
import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import { badRequest } from '../errors.ts'
import { limits } from './limits.ts'

export class Incoming {
  readonly raw: IncomingMessage
  readonly method: string
  /** path and query as sent */
  readonly url: string
  readonly path: string
  params: Record<string, string> = {}

  constructor(raw: IncomingMessage) {
    this.raw = raw
    this.method = raw.method ?? 'GET'
    this.url = raw.url ?? '/'
    const mark = this.url.indexOf('?')
    this.path = mark < 0 ? this.url : this.url.slice(0, mark)
  }

  get headers(): IncomingMessage['headers'] {
    return this.raw.headers
  }
  get remoteAddress(): string {
    return this.raw.socket.remoteAddress ?? ''
  }

  /** An object without a prototype; what is repeated is a list. */
  query(): Record<string, unknown> {
    const { url, path } = this
    if (url.length <= path.length + 1) return Object.create(null) as Record<string, unknown>
    const parsed = parse(url.slice(path.length + 1), '&', '=', { maxKeys: limits.parameters + 1 })
    if (Object.keys(parsed).length > limits.parameters) throw badRequest(`The query has more than ${limits.parameters} parameters.`)
    return parsed
  }
}

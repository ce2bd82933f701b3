// A request at the Swift door: what it names, decoded once, who asks, and its body, which is not taken before somebody wants it.
// It does not change: `with` makes a request inside the request.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Authenticate } from '../../platform/api/dispatch.ts'
import type { Actor, Platform } from '../../platform/context.ts'
import type { By, Engine } from '../engine/index.ts'
import { accountFind, containerFind } from '../engine/index.ts'
import type { AccountRow, ContainerRow } from '../store/tables.ts'
import { accountKey } from './account-key.ts'
import type { Headers } from './answer.ts'
import { Query } from './query.ts'
import { SwiftRefusal } from './refusals.ts'

/** Who asks. `granted`: a signature lets them do so much and nothing more. */
export type Caller =
  | { kind: 'unknown' }
  | { kind: 'anonymous' }
  | { kind: 'token'; actor: Actor; service?: Actor }
  | { kind: 'granted'; by: string; mayDo(request: SwiftRequest): boolean; quotaExempt?: boolean }

/** What all requests inside one request share. */
export interface Shared {
  platform: Platform
  engine: Engine
  authenticate: Authenticate
  raw: IncomingMessage
  response: ServerResponse
  /** '/object' */
  doorPrefix: string
  /** path as sent, with the prefix, without the query */
  rawPath: string
  transId: string
  remoteAddress: string
  /** set when the body was taken: who refuses before need not read it */
  body: { taken: boolean; bytes: number }
  accounts: Map<string, Promise<AccountRow | undefined>>
  containers: Map<string, Promise<ContainerRow | undefined>>
}

export interface Asked {
  method: string
  /** 'v1' as a rule */
  version: string
  account: string | null
  container: string | null
  object: string | null
  query: Query
  headers: Record<string, string | undefined>
  caller: Caller
  /** large objects that it is read within */
  depth?: number
  /** in place of what the client sends; null: none */
  body?: Readable | Buffer | null
}

export class SwiftRequest {
  readonly shared: Shared
  readonly asked: Asked

  constructor(shared: Shared, asked: Asked) {
    this.shared = shared
    this.asked = asked
  }

  get method(): string {
    return this.asked.method
  }
  get account(): string | null {
    return this.asked.account
  }
  get container(): string | null {
    return this.asked.container
  }
  get object(): string | null {
    return this.asked.object
  }
  get query(): Query {
    return this.asked.query
  }
  get headers(): Record<string, string | undefined> {
    return this.asked.headers
  }
  get caller(): Caller {
    return this.asked.caller
  }
  get platform(): Platform {
    return this.shared.platform
  }
  get engine(): Engine {
    return this.shared.engine
  }
  get raw(): IncomingMessage {
    return this.shared.raw
  }
  get rawPath(): string {
    return this.shared.rawPath
  }
  get doorPrefix(): string {
    return this.shared.doorPrefix
  }
  get transId(): string {
    return this.shared.transId
  }
  get remoteAddress(): string {
    return this.shared.remoteAddress
  }

  /** '/v1/AUTH_a/c/o', decoded */
  get path(): string {
    const { version, account, container, object } = this.asked
    return `/${[version, account, container, object].filter((part) => part !== null).join('/')}`
  }

  /** The account's row key; a path without an account has none. */
  get accountKey(): string {
    return accountKey(this.asked.account ?? '')
  }

  /** Who stands behind it, for what is written into the changes. */
  get by(): By {
    const { caller } = this.asked
    const actor = caller.kind === 'token' ? caller.actor : null
    return { userId: actor?.userId ?? null, projectId: actor?.projectId ?? null, requestId: this.transId }
  }

  with(changes: Partial<Asked>): SwiftRequest {
    return new SwiftRequest(this.shared, { ...this.asked, ...changes })
  }

  /** The same with other headers; undefined takes one away. */
  withHeaders(changes: Record<string, string | undefined>): SwiftRequest {
    return this.with({ headers: Object.assign(Object.create(null), this.asked.headers, changes) })
  }

  /** Length of the body; null when it is not said (chunked). */
  get contentLength(): number | null {
    const { body, headers } = this.asked
    if (body !== undefined) return body === null ? 0 : Buffer.isBuffer(body) ? body.length : null
    if (this.isChunked) return null
    const text = headers['content-length']
    return text === undefined ? 0 : Number(text)
  }

  get isChunked(): boolean {
    return this.asked.body === undefined && this.asked.headers['transfer-encoding'] !== undefined
  }

  /** Did the client say how long it is, or that it comes in chunks? */
  get saysLength(): boolean {
    return this.asked.body !== undefined || this.isChunked || this.asked.headers['content-length'] !== undefined
  }

  get hasBody(): boolean {
    return this.contentLength !== 0
  }

  /** The body; whoever waits for a 100 is told to send it now. */
  body(): Readable {
    const { body } = this.asked
    if (body !== undefined) return body === null ? Readable.from([]) : Buffer.isBuffer(body) ? Readable.from([body]) : body
    const { raw, response, body: sent } = this.shared
    if (!sent.taken) {
      sent.taken = true
      if (raw.headers.expect !== undefined) response.writeContinue()
    }
    return raw
  }

  /** The whole body; 413 when it has more bytes than that. */
  async text(maxBytes: number, tooLarge = 413): Promise<Buffer> {
    if ((this.contentLength ?? 0) > maxBytes) throw new SwiftRefusal(tooLarge)
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of this.body()) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).length
      if (bytes > maxBytes) throw new SwiftRefusal(tooLarge)
    }
    this.countIn(bytes)
    return Buffer.concat(chunks)
  }

  /** So many bytes of a body came in. */
  countIn(bytes: number): void {
    this.shared.body.bytes += bytes
  }

  /** The account's row, looked up once; undefined: nothing was ever written there. */
  accountRow(): Promise<AccountRow | undefined> {
    return remembered(this.shared.accounts, this.accountKey, () => accountFind(this.engine, this.accountKey))
  }

  /** The container's row, looked up once. */
  containerRow(): Promise<ContainerRow | undefined> {
    const { container } = this.asked
    if (container === null) return Promise.resolve(undefined)
    return remembered(this.shared.containers, `${this.accountKey}/${container}`, () =>
      containerFind(this.engine, this.accountKey, container),
    )
  }

  /** Rows that somebody changed meanwhile are looked up anew. */
  forgetRows(): void {
    this.shared.accounts.clear()
    this.shared.containers.clear()
  }
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  let found = known.get(key)
  if (!found) known.set(key, (found = find()))
  return found
}

export type { Headers }

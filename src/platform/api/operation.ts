// An operation is declared once: method, path, policy rule, microversion range, schemas, handler. Routing,
// validation, negotiation, policy, the OpenAPI document, the fuzz targets and the coverage tables all come
// from this declaration. A handler is a few lines: it calls the domain and shapes the answer.
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Static, TSchema, TUnsafe } from 'typebox'
import type { Context } from '../context.ts'
import type { Check } from '../fsck/check.ts'
import type { Called } from '../store/called.ts'
import type { Columns } from '../store/columns.ts'
import type { FactsOf } from '../store/facts.ts'
import type { Migrations } from '../store/migrate.ts'
import type { WorkDefinition } from '../work/definition.ts'
import type { ApiError } from '../errors.ts'
import type { Door } from './door.ts'
import type { ErrorFormat } from './error-formats.ts'
import type { MediaRule } from './media-types.ts'
import type { MicroversionRange } from './microversion.ts'
import type { Rules, RuleScopes } from './policy.ts'
import type { RawQuery } from './schema.ts'
import type { FaultFormat } from './validate.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'COPY'

export interface ApiRequest<Query = unknown, Body = unknown> {
  method: string
  /** the path's parameters, decoded */
  params: Record<string, string>
  query: Query
  body: Body
  headers: IncomingHttpHeaders
  /** path and query as sent: for links to the next page */
  url: string
  /** the body's bytes, when the operation says `stream: true` */
  stream: Readable
  remoteAddress: string
}

/** What is known of a request before its body is held against the schema. */
export type UncheckedRequest<Query = unknown> = Pick<ApiRequest<Query>, 'params' | 'query' | 'body'>

/** An answer with a status, headers or bytes of its own. Plain objects are sent as JSON with the declared status. */
export class Reply {
  readonly body: unknown
  readonly status: number | undefined
  readonly headers: Record<string, string>
  /** body: an object (JSON), a string or Buffer as it is, a Readable (streamed), or undefined (empty) */
  constructor(body: unknown, options: { status?: number; headers?: Record<string, string> } = {}) {
    this.body = body
    this.status = options.status
    this.headers = options.headers ?? {}
  }
}

export interface Operation<Q extends TSchema = TSchema, B extends TSchema = TSchema> {
  method: Method
  /** below the service's base: '/servers/:id'; a leading '^' means below the service's prefix instead: '^/' */
  path: string
  /** several operations share a POST path by the body's only key: 'reboot', 'os-start'; the schema is the value's */
  action?: string
  summary: string
  /** the rule that is asked; null: no token needed (versions, discovery, login) */
  policy: string | null
  /** other rules of which one may hold in its stead: without the declared one and these a token is refused before its request is read */
  orPolicies?: string[]
  /** first and last microversion (both served); open ends are null */
  versions?: [min: string | null, max: string | null]
  query?: Q
  body?: B
  /** the body may be missing altogether */
  bodyOptional?: boolean
  /** the body is not JSON: the handler reads `request.stream` */
  stream?: boolean
  /** what the body may be called, where this differs from the service's rule */
  media?: MediaRule
  /**
   * Finds the target (404) and asks the policy (403) before the body is held against its schema (400): for operations
   * whose service looks up first. Without it the body comes first. The body is as sent, an action's is its value.
   */
  target?(ctx: Context, request: UncheckedRequest<Static<Q>>): Promise<unknown>
  /** of the usual answer */
  status: number
  handler(ctx: Context, request: ApiRequest<Static<Q>, Static<B>>): Promise<unknown>
}

/** Declares an operation: the types of its query and body reach `target` and the handler. Without a schema a query is as sent. */
export function operation<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(
  declared: Operation<Q, B>,
): Operation {
  // the dispatcher has checked body and query by these schemas before the handler sees them
  return declared as unknown as Operation
}

export interface Service {
  /** the word in the catalog: 'compute' */
  type: string
  /** '/compute' */
  prefix: string
  /** where operations live below the prefix: '/v2.1'; several when the API allows that: '/v3', '/v3/:project_id' */
  bases: string[]
  microversions?: MicroversionRange
  errors: ErrorFormat
  /** how it words what a schema does not allow; Nova's way when missing */
  faults?: FaultFormat
  operations: Operation[]
  /** what it makes of media types; Nova's way when missing */
  media?: MediaRule
  /** of a JSON body at most; oslo's limit when missing */
  maxBodyBytes?: number
  /** how it refuses a token that no target could make fit for the rule; Nova's way when missing */
  refusal?(rule: string): ApiError
  /** of a parameter that a query repeats it sees the first only (Keystone); else such a parameter is a list */
  firstOfRepeated?: boolean
  /** a path that ends with a slash is not found, except the roots (Cinder, Glance) */
  strictSlash?: boolean
}

/** A store beside the main one, for rows that come so thick that servers must not queue behind them (docs/architecture.md). */
export interface OwnStore {
  /** 'objects': its rows lie in objects.db, on PostgreSQL in the schema of that name */
  name: string
  migrations: Migrations
  columns?: Columns
}

/** A domain as `server` wires it: data about it, no instance. */
export interface Domain {
  name: string
  migrations: Migrations
  /** its tables' columns that hold more than text and numbers */
  columns?: Columns
  /** what the timeline is told of its rows */
  facts: FactsOf
  policy: Rules
  /** for tokens of which scopes those rules hold */
  policyScopes: RuleScopes
  /** a timeline of its own is in it, whose lines are written by `lineAdd` */
  ownStore?: OwnStore
  services: Service[]
  /** those of its services that read their requests by themselves */
  doors?: Door[]
  work: WorkDefinition[]
  /** what fsck compares */
  checks?: Check[]
  /** after migrations and before the listener: rows that must exist, watches; safe at every start */
  start?(ctx: Context): Promise<void>
  stop?(ctx: Context): Promise<void>
  /** Its resources that somebody calls so, where its `facts` (`by`) do not say enough. No permission is asked. */
  resourcesCalled?(ctx: Context, word: string): Promise<Called[]>
}

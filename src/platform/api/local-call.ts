// One service's API called from another inside the process: for the few operations that are only another face of a
// neighbour's (Nova's security groups). Same schemas, same policy, same actor; no socket and no second token.
import { Readable } from 'node:stream'
import { Context } from '../context.ts'
import { ApiError, assert } from '../errors.ts'
import { fullPaths } from './route-table.ts'
import { Microversion } from './microversion.ts'
import { Reply, type Method, type Operation, type Service } from './operation.ts'
import { validateBody, validateQuery } from './validate.ts'
import { table } from '../table.ts'

export interface LocalRequest {
  method: Method
  /** with the service's prefix and base: '/network/v2.0/security-groups/…' */
  path: string
  query?: Record<string, unknown>
  body?: unknown
  headers?: Record<string, string>
  microversion?: string
  /** who asks from outside, where that counts (logins) */
  remoteAddress?: string
}

export interface LocalAnswer {
  status: number
  body: unknown
  headers: Record<string, string>
}

/** Runs the operation that an HTTP request would have found; throws the ApiError that it would have shown. */
export async function localCall(ctx: Context, request: LocalRequest): Promise<LocalAnswer> {
  assert(!ctx.db.inTransaction, 'a neighbour’s API is not called inside a transaction')
  const found = find(ctx.platform.services, request)
  if (!found) throw new ApiError('not_found')
  const { operation, params } = found
  const query = { ...request.query }
  const inner = new Context(ctx.platform, {
    actor: ctx.actor,
    requestId: ctx.requestId,
    ...(operation.policy === null ? {} : { rule: operation.policy }),
    ...(request.microversion === undefined ? {} : { microversion: Microversion.of(request.microversion) }),
  })
  if (operation.query) validateQuery(operation.query, query)
  await operation.target?.(inner, { params, query, body: request.body })
  if (operation.body && request.body !== undefined) validateBody(operation.body, request.body)
  const search = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString()
  const answer = await operation.handler(inner, {
    method: request.method,
    params,
    query,
    body: request.body,
    headers: request.headers ?? {},
    url: search === '' ? request.path : `${request.path}?${search}`,
    stream: Readable.from([]),
    remoteAddress: request.remoteAddress ?? '127.0.0.1',
  })
  assert(operation.policy === null || inner.wasAuthorized, `${operation.method} ${operation.path} answered without asking the policy`)
  if (answer instanceof Reply) return { status: answer.status ?? operation.status, body: answer.body, headers: answer.headers }
  return { status: operation.status, body: answer, headers: {} }
}

function find(
  services: Service[],
  { method, path, microversion }: LocalRequest,
): { operation: Operation; params: Record<string, string> } | undefined {
  const asked = microversion === undefined ? undefined : Microversion.of(microversion)
  const matches: { operation: Operation; params: Record<string, string> }[] = []
  for (const service of services) {
    for (const operation of service.operations) {
      if (operation.method !== method || operation.action !== undefined || !serves(operation, asked)) continue
      for (const template of fullPaths(service, operation)) {
        const params = match(template, path)
        if (params) matches.push({ operation, params })
      }
    }
  }
  // a path that is spelled out wins over one with a parameter in the same place
  return matches.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0]
}

function serves({ versions }: Operation, asked: Microversion | undefined): boolean {
  if (!versions || !asked) return true
  const [min, max] = versions
  return (min === null || asked.atLeast(min)) && (max === null || asked.compare(Microversion.of(max)) <= 0)
}

function match(template: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [template.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = table()
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return undefined
  }
  return params
}

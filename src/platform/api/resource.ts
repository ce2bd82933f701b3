// A resource of an API is declared once: its path, what it is called and how its rules are named. Its operations then say only what is
// their own: versions, schemas, and the handler, which is given the id. Any of them may be declared several times, by microversion.
import type { Static, TSchema, TUnsafe } from 'typebox'
import type { Context } from '../context.ts'
import { defined } from '../defined.ts'
import { operation, type ApiRequest, type Method, type Operation } from './operation.ts'
import type { RawQuery } from './schema.ts'

export type Act = 'list' | 'show' | 'create' | 'update' | 'delete'

export interface ResourceNames {
  /** '/flavors' */
  path: string
  /** the path's parameter that names one of them; 'id' when not given */
  key?: string
  /** as summaries say it: 'a flavor' */
  one: string
  /** 'flavors' */
  many: string
  /** the policy rule of each act */
  rule(act: Act): string
  /** where the service does not answer 200, 200, 201, 200 and 204, and 202 to actions */
  status?: Partial<Record<Act | 'action', number>>
  /** of all its operations that do not say otherwise */
  versions?: [min: string | null, max: string | null]
  updateBy?: 'PUT' | 'PATCH'
}

type Own<Q extends TSchema, B extends TSchema> = Partial<Omit<Operation<Q, B>, 'handler' | 'method' | 'path'>>

/** Of all of them. */
type Many<Q extends TSchema, B extends TSchema> = Own<Q, B> & {
  handler(ctx: Context, request: ApiRequest<Static<Q>, Static<B>>): Promise<unknown>
}

/** Of one of them. */
type One<Q extends TSchema, B extends TSchema> = Own<Q, B> & {
  handler(ctx: Context, id: string, request: ApiRequest<Static<Q>, Static<B>>): Promise<unknown>
}

type OfMany = <Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(declared: Many<Q, B>) => Operation
type OfOne = <Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(declared: One<Q, B>) => Operation

type Named = Pick<Operation, 'summary' | 'policy'>
type Further = { method?: Method }

export interface DeclaredResource {
  list: OfMany
  create: OfMany
  show: OfOne
  update: OfOne
  delete: OfOne
  /** an operation on all of them at a path of its own: `volumes.beside('/detail', { … })`; what it does not say is as of the list */
  beside<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(
    path: string,
    declared: Further & Many<Q, B>,
  ): Operation
  /** an operation below one of them: `qos.below('/delete_keys', { method: 'PUT', … })`; GET and 200 when it does not say otherwise */
  below<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(
    path: string,
    declared: Named & Further & One<Q, B>,
  ): Operation
  /** POST …/:id/action with the action's name as the body's only key; the body is the value's */
  action<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(name: string, declared: Named & One<Q, B>): Operation
}

const usual: Record<Act, { method: Method; status: number; verb: string }> = {
  list: { method: 'GET', status: 200, verb: 'List' },
  show: { method: 'GET', status: 200, verb: 'Show' },
  create: { method: 'POST', status: 201, verb: 'Create' },
  update: { method: 'PUT', status: 200, verb: 'Update' },
  delete: { method: 'DELETE', status: 204, verb: 'Delete' },
}

export function resource({ path, key = 'id', one, many, rule, status = {}, updateBy = 'PUT', versions }: ResourceNames): DeclaredResource {
  const pathOfOne = `${path}/:${key}`
  const always = defined({ versions })
  const common = (act: Act) => ({
    ...always,
    method: act === 'update' ? updateBy : usual[act].method,
    path: act === 'list' || act === 'create' ? path : pathOfOne,
    summary: `${usual[act].verb} ${act === 'list' ? many : one}`,
    policy: rule(act),
    status: status[act] ?? usual[act].status,
  })
  /** With the id in the handler's hands. */
  const ofOne = <Q extends TSchema, B extends TSchema>(
    basis: Pick<Operation, 'method' | 'path' | 'summary' | 'policy' | 'status'>,
    { handler, ...declared }: One<Q, B>,
  ): Operation => {
    const whole: Operation<Q, B> = { ...basis, ...declared, handler: (ctx, request) => handler(ctx, request.params[key] ?? '', request) }
    return operation(whole)
  }
  return {
    list: (declared) => operation({ ...common('list'), ...declared }),
    create: (declared) => operation({ ...common('create'), ...declared }),
    show: (declared) => ofOne(common('show'), declared),
    update: (declared) => ofOne(common('update'), declared),
    delete: (declared) => ofOne(common('delete'), declared),
    beside: (part, declared) => operation({ ...common('list'), ...declared, path: path + part }),
    below: (part, declared) => ofOne({ ...always, method: 'GET', status: 200, ...declared, path: pathOfOne + part }, declared),
    action: (name, declared) =>
      ofOne(
        { ...always, status: status.action ?? 202, ...declared, method: 'POST', path: `${pathOfOne}/action` },
        { ...declared, action: name },
      ),
  }
}

// A resource of an API is declared once: its path, what it is called and how its rules are named. Its operations then say only what is
// their own: versions, schemas, and the handler, which is given the id. Any of them may be declared several times, by microversion.
import type { Static, TSchema, TUnsafe } from 'typebox'
import type { Context } from '../context.ts'
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
  /** where the service does not answer 200, 200, 201, 200 and 204 */
  status?: Partial<Record<Act, number>>
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

type Further = Pick<Operation, 'method' | 'summary' | 'policy' | 'status'>

export interface DeclaredResource {
  list: OfMany
  create: OfMany
  show: OfOne
  update: OfOne
  delete: OfOne
  /** an operation below one of them: `qos.below('/delete_keys', { method: 'PUT', … })` */
  below<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(path: string, declared: Further & One<Q, B>): Operation
  /** POST …/:id/action with the action's name as the body's only key; the body is the value's */
  action<Q extends TSchema = TUnsafe<RawQuery>, B extends TSchema = TUnsafe<unknown>>(
    name: string,
    declared: Omit<Further, 'method'> & One<Q, B>,
  ): Operation
}

const usual: Record<Act, { method: Method; status: number; verb: string }> = {
  list: { method: 'GET', status: 200, verb: 'List' },
  show: { method: 'GET', status: 200, verb: 'Show' },
  create: { method: 'POST', status: 201, verb: 'Create' },
  update: { method: 'PUT', status: 200, verb: 'Update' },
  delete: { method: 'DELETE', status: 204, verb: 'Delete' },
}

export function resource({ path, key = 'id', one, many, rule, status = {}, updateBy = 'PUT' }: ResourceNames): DeclaredResource {
  const pathOfOne = `${path}/:${key}`
  const common = (act: Act) => ({
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
    below: (part, declared) => ofOne({ ...declared, path: pathOfOne + part }, declared),
    action: (name, declared) => ofOne({ ...declared, method: 'POST', path: `${pathOfOne}/action` }, { ...declared, action: name }),
  }
}

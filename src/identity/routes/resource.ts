// A resource that is listed, shown, made, changed and deleted the usual way is declared once: its paths, rules, summaries and
// bodies follow from its names and its attributes.
import type { TProperties } from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import type { Context } from '../../platform/context.ts'
import { defined } from '../../platform/defined.ts'
import { filtered, listOf, pageOf, type Pages, type Query, type Shown } from '../links.ts'
import { anyQuery, closedChange, open, openChange, type Body } from '../schemas.ts'
import { asked } from './asked.ts'

export interface Resource<P extends TProperties, Row extends { id: string }> {
  /** as bodies, rules and the path's parameter spell it: 'endpoint_group' */
  name: string
  plural: string
  /** as summaries say it: 'an endpoint group' */
  noun: string
  path: string
  /** of bodies; a change may leave any of them out */
  properties: P
  /** nothing but the declared attributes may be changed, or said */
  isClosed?: boolean
  /** rows → what the API shows, in the same order */
  shown(ctx: Context, rows: Row[]): Promise<Shown[]>
  /** where lists show less */
  shownInLists?(ctx: Context, rows: Row[]): Promise<Shown[]>
  /** attributes that a list is filtered by */
  filters: string[]
  list(ctx: Context, query: Query): Promise<Row[]> | Pages<Row>
  /** rules that hold in the list's stead, for what a query asks for */
  orListPolicies?: string[]
  get(ctx: Context, id: string): Promise<Row>
  /** what a query asks for beside the one that is shown */
  beside?(ctx: Context, row: Row, query: Query): Promise<Shown>
  /** missing where several are made at once */
  create?(ctx: Context, body: Body<P>): Promise<Row>
  /** Asks the policy before the body is held against its schema: for rules that look at what is asked for. */
  permitNew?(ctx: Context, wanted: Record<string, string>): void
  update?(ctx: Context, id: string, body: Body<P>): Promise<Row>
  /** The row, asked for before the body is looked at; `get` unless a change is asked for in another order. */
  find?(ctx: Context, id: string): Promise<Row>
  delete(ctx: Context, id: string): Promise<void>
}

/** Rows shown one by one. */
export const each =
  <Row>(view: (ctx: Context, row: Row) => Shown) =>
  async (ctx: Context, rows: Row[]): Promise<Shown[]> =>
    rows.map((row) => view(ctx, row))

/** Its five operations. */
export function operationsOf<P extends TProperties, Row extends { id: string }>(declared: Resource<P, Row>): Operation[] {
  const { name, plural, noun, path, properties, filters, create, permitNew, update, beside, get, find = get } = declared
  const shownInLists = declared.shownInLists ?? declared.shown
  const declaredAs = resource({
    path,
    key: `${name}_id`,
    one: noun,
    many: plural.replaceAll('_', ' '),
    rule: (act) => (act === 'list' ? `identity:list_${plural}` : `identity:${act === 'show' ? 'get' : act}_${name}`),
    updateBy: 'PATCH',
  })
  const one = async (ctx: Context, row: Row) => (await declared.shown(ctx, [row]))[0]
  const shown = async (ctx: Context, row: Row) => ({ [name]: await one(ctx, row) })
  const making =
    create &&
    declaredAs.create({
      body: open(name, properties),
      ...(permitNew && { target: async (ctx: Context, { body }: { body: unknown }) => permitNew(ctx, asked(body, name)) }),
      handler: async (ctx, { body }) => shown(ctx, await create(ctx, body[name] ?? {})),
    })
  const changing =
    update &&
    declaredAs.update({
      target: (ctx, { params }) => find(ctx, params[`${name}_id`] ?? ''),
      body: (declared.isClosed ? closedChange : openChange)(name, properties),
      handler: async (ctx, id, { body }) => shown(ctx, await update(ctx, id, body[name] ?? {})),
    })
  return [
    declaredAs.list({
      query: anyQuery,
      ...defined({ orPolicies: declared.orListPolicies }),
      async handler(ctx, request) {
        const found = await declared.list(ctx, request.query)
        if ('table' in found) return pageOf(ctx, request, { name: plural, filters, shown: shownInLists, ...found })
        return listOf(ctx, request, plural, filtered(await shownInLists(ctx, found), request.query, filters))
      },
    }),
    ...(making ? [making] : []),
    declaredAs.show({
      ...(beside && { query: anyQuery }),
      async handler(ctx, id, { query }) {
        const row = await get(ctx, id)
        const further = beside && (await beside(ctx, row, query))
        return { [name]: { ...(await one(ctx, row)), ...further } }
      },
    }),
    ...(changing ? [changing] : []),
    declaredAs.delete({ handler: (ctx, id) => declared.delete(ctx, id) }),
  ]
}

interface Listing<Row> {
  summary: string
  policy: string
  filters?: string[]
  rows(ctx: Context, params: Record<string, string>, query: Query): Promise<Row[]>
  shown(ctx: Context, rows: Row[]): Promise<Shown[]>
}

/** A list of its own, without pages: `listing('/users/:user_id/groups', 'groups', { … })` */
export const listing = <Row>(path: string, name: string, { summary, policy, filters = [], rows, shown }: Listing<Row>): Operation =>
  operation({
    method: 'GET',
    path,
    summary,
    policy,
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const found = await rows(ctx, request.params, request.query)
      return listOf(ctx, request, name, filtered(await shown(ctx, found), request.query, filters))
    },
  })

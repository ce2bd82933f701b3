// A resource that is listed, shown, made, changed and deleted the usual way is declared once: its paths, rules, summaries and
// bodies follow from its names and its attributes.
import type { TProperties } from 'typebox'
import type { Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import type { Context } from '../../platform/context.ts'
import { filtered, listOf, pageOf, type Pages, type Query, type Shown } from '../links.ts'
import { anyQuery, open, openChange, type Body } from '../schemas.ts'
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
  /** rows → what the API shows, in the same order */
  shown(ctx: Context, rows: Row[]): Promise<Shown[]>
  /** attributes that a list is filtered by */
  filters: string[]
  list(ctx: Context, query: Query): Promise<Row[]> | Pages<Row>
  get(ctx: Context, id: string): Promise<Row>
  /** what a query asks for beside the one that is shown */
  beside?(ctx: Context, row: Row, query: Query): Promise<Shown>
  /** missing where several are made at once */
  create?(ctx: Context, body: Body<P>): Promise<Row>
  /** Asks the policy before the body is held against its schema: for rules that look at what is asked for. */
  permitNew?(ctx: Context, wanted: Record<string, string>): void
  update(ctx: Context, id: string, body: Body<P>): Promise<Row>
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
  const { name, plural, noun, path, properties, filters, create, permitNew, beside, get, find = get } = declared
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
  return [
    declaredAs.list({
      query: anyQuery,
      async handler(ctx, request) {
        const found = await declared.list(ctx, request.query)
        if ('table' in found) return pageOf(ctx, request, { name: plural, filters, shown: declared.shown, ...found })
        return listOf(ctx, request, plural, filtered(await declared.shown(ctx, found), request.query, filters))
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
    declaredAs.update({
      target: (ctx, { params }) => find(ctx, params[`${name}_id`] ?? ''),
      body: openChange(name, properties),
      handler: async (ctx, id, { body }) => shown(ctx, await declared.update(ctx, id, body[name] ?? {})),
    }),
    declaredAs.delete({ handler: (ctx, id) => declared.delete(ctx, id) }),
  ]
}

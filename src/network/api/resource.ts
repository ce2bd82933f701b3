// A resource as the logic knows it: how its rows are found, who may see them, what creates, changes and deletes them.
// Permission comes with the look-up: a row that `get_x` does not allow is not found; what it allows but not `update_x`
// is forbidden. The operations and what they show are made in routes/resource-operations.ts.
import { permitted } from '../../platform/api/lookup.ts'
import type { Target } from '../../platform/api/policy.ts'
import type { Context } from '../../platform/context.ts'
import type { ApiError } from '../../platform/errors.ts'
import { rowsList, type ListShape } from '../store/list.ts'
import type { Attributes, Changed, Created } from './attribute.ts'
import { refuse } from './refuse.ts'

export interface ResourceRow {
  id: string
  project_id: string
}

/** A row with what else is shown of it. */
export interface Loaded<Row, Facts> {
  row: Row
  facts: Facts
  /** what policy looks at beside the row: the owner of what it hangs on, whether it is shared */
  target?: Target
}

/** Of an attribute table, and so of the values that create and update are given: as its readers return them. */
export interface Resource<Row extends ResourceRow, Facts = unknown, Table extends Attributes = Attributes, Parent = unknown> {
  /** 'network': in policy rules and events */
  name: string
  attributes: Table
  shape: ListShape
  missing(id: string): ApiError
  /** what hangs on the rows, in few statements however many there are; in their order */
  load(ctx: Context, rows: Row[]): Promise<Loaded<Row, Facts>[]>
  /** what must be there before anybody looks */
  beforeList?(ctx: Context): Promise<void>
  /** whether a row of a list is one of those asked for, where the store cannot tell */
  keeps?(loaded: Loaded<Row, Facts>, filters: Map<string, string[]>): boolean
  /** what something is to be made on (the attribute that refers to a 'target'), and what of it policy looks at */
  parent?(tx: Context, id: string): Promise<{ parent: Parent; target: Target }>
  /** what is counted against a quota of that name */
  quota?: string
  create?(tx: Context, values: Created<Table>, parent: Parent): Promise<Row>
  update?(tx: Context, row: Row, values: Changed<Table>): Promise<Row>
  delete?(tx: Context, row: Row): Promise<void>
}

export interface Found<Row, Facts> {
  row: Row
  facts: Facts
  target: Target
}

/** Rows with what hangs on them and what policy looks at. */
export async function resourceLoad<Row extends ResourceRow, Facts>(
  ctx: Context,
  resource: Resource<Row, Facts>,
  rows: Row[],
): Promise<Found<Row, Facts>[]> {
  if (rows.length === 0) return []
  const loaded = await resource.load(ctx, rows)
  return loaded.map(({ row, facts, target }) => ({
    row,
    facts,
    target: { ...(row as Record<string, unknown> & Row), tenant_id: row.project_id, ...target },
  }))
}

/** The row, if this actor may see it; else it is not found. */
export async function resourceFetch<Row extends ResourceRow, Facts>(
  ctx: Context,
  resource: Resource<Row, Facts>,
  id: string,
): Promise<Found<Row, Facts>> {
  const [found] = await resourcesFetch(ctx, resource, [id])
  if (!found) throw resource.missing(id)
  return found
}

/** Rows by id, all of which this actor may see; the first that he may not is not found. */
export async function resourcesFetch<Row extends ResourceRow, Facts>(
  ctx: Context,
  resource: Resource<Row, Facts>,
  ids: string[],
): Promise<Found<Row, Facts>[]> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return []
  const rows = await rowsList<Row>(ctx.db, resource.shape, {
    filters: new Map([['id', wanted]]),
    sorts: [],
    limit: wanted.length,
    visibleTo: null,
    projectId: ctx.actor.projectId,
  })
  const found = new Map((await resourceLoad(ctx, resource, rows)).map((one) => [one.row.id, one]))
  const missing = (id: string) => resource.missing(id)
  return wanted.map((id) =>
    permitted(ctx, found.get(id), {
      id,
      rule: `get_${resource.name}`,
      target: ({ target }) => target,
      missing,
      refusal: () => missing(id),
    }),
  )
}

/** The same with the right to do more: forbidden when it may be seen only. */
export async function resourceFor<Row extends ResourceRow, Facts>(
  ctx: Context,
  resource: Resource<Row, Facts>,
  id: string,
  rule: string,
): Promise<Found<Row, Facts>> {
  const missing = () => resource.missing(id)
  return permitted(ctx, await resourceFetch(ctx, resource, id), { id, rule, target: ({ target }) => target, missing, refusal: refuse })
}

// The query builder seen with the network's own tables, and the few statements that every table shares.
import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { isoSeconds } from '../../platform/clock.ts'
import { rows, type Rows } from '../../platform/store/rows.ts'
import type { Db } from '../../platform/store/store.ts'
import type { NetworkTables, StandardRow } from './tables.ts'

export const q = (db: Db) => db.as<NetworkTables>()

/** Neutron's standard attributes of a new row. */
export function standardRow(ctx: Context, values: { project_id: string; name?: string; description?: string }): StandardRow {
  const now = isoSeconds(ctx.clock.nowMs())
  return {
    id: ctx.ids.uuid(),
    project_id: values.project_id,
    name: values.name ?? '',
    description: values.description ?? '',
    tags: [],
    revision_number: 1,
    created_at: now,
    updated_at: now,
  }
}

type StandardTable = { [T in keyof NetworkTables]: NetworkTables[T] extends StandardRow ? T : never }[keyof NetworkTables]

export interface StandardRows<Row extends object> extends Rows<Row> {
  /** Changes a row and counts its revision up; returns it as it is now. */
  change(ctx: Context, id: string, change: Partial<Row>): Promise<Row>
  /** Something that hangs on the row changed: its revision counts up too, as Neutron's does. */
  bump(ctx: Context, id: string): Promise<unknown>
}

/** A table whose rows have the standard attributes: `portRows.fetch(db, id)`, `portRows.change(tx, id, { name })`. */
export function standardRows<T extends StandardTable>(name: T): StandardRows<NetworkTables[T]> {
  const changing = (ctx: Context, id: string, change: object) =>
    q(ctx.db)
      // Kysely cannot follow a table that is not known yet: each has these columns
      .updateTable(name as 'networks')
      .set({ ...change, updated_at: isoSeconds(ctx.clock.nowMs()), revision_number: sql<number>`revision_number + 1` })
      .where('id', '=', id)
  return {
    ...rows<NetworkTables[T]>(name),
    change: async (ctx, id, change) => (await changing(ctx, id, change).returningAll().executeTakeFirstOrThrow()) as NetworkTables[T],
    bump: (ctx, id) => changing(ctx, id, {}).execute(),
  }
}

// The query builder seen with the network's own tables, and the few statements that every table shares.
import { sql } from 'kysely'
import type { Context } from '../../platform/context.ts'
import { isoSeconds } from '../../platform/clock.ts'
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
    tags: '[]',
    revision_number: 1,
    created_at: now,
    updated_at: now,
  }
}

type StandardTable = { [T in keyof NetworkTables]: NetworkTables[T] extends StandardRow ? T : never }[keyof NetworkTables]

/** Changes a row and counts its revision up; returns it as it is now. */
export async function rowChange<T extends StandardTable>(
  ctx: Context,
  table: T,
  id: string,
  change: Partial<NetworkTables[T]>,
): Promise<NetworkTables[T]> {
  const set = { ...change, updated_at: isoSeconds(ctx.clock.nowMs()), revision_number: sql`revision_number + 1` }
  const row = await q(ctx.db)
    .updateTable(table as 'networks')
    .set(set as never)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return row as unknown as NetworkTables[T]
}

/** Something that hangs on the row changed: its revision counts up too, as Neutron's does. */
export const revisionBump = (ctx: Context, table: StandardTable, id: string) =>
  q(ctx.db)
    .updateTable(table as 'networks')
    .set({ updated_at: isoSeconds(ctx.clock.nowMs()), revision_number: sql`revision_number + 1` as never })
    .where('id', '=', id)
    .execute()

export const toInt = (value: unknown): number => (value ? 1 : 0)

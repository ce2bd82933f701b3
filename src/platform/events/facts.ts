// Which columns of a table are facts of a resource. A domain's store declares them and notes every change through them: what
// is not on the list gets into no event, so a password, a key or user data cannot (the list is all that there is to review).
import { assert } from '../errors.ts'
import type { Db } from '../store/store.ts'
import { factsNote } from './buffer.ts'

/** the next ones after an id in the order of ids, or these */
export type WhichRows = { after: string; limit: number } | { ids: string[] }

/** A resource's facts, as whoever reads timelines and tables sees them. */
export interface FactTable<Column extends string = string> {
  /** as events name the resource: 'server', 'identity.project' */
  type: string
  table: string
  /** the column with the resource's id; 'id' when not given */
  id?: Column
  /** that column holds numbers */
  isNumbered?: true
  /** the columns that are facts, by their names and as stored */
  columns: readonly Column[]
  /** a column that is 1 when the row is only kept for the record */
  gone?: Column
  /** Facts that stand in other tables, noted by whoever changes those; how they are read, by id. */
  parts?: Record<string, (db: Db, ids: string[]) => Promise<Map<string, unknown>>>
  /** how rows are read, by id, where one resource is not one row of the table */
  read?: (db: Db, which: WhichRows) => Promise<Map<string, Record<string, unknown>>>
}

export interface Facts<Row> extends FactTable<keyof Row & string> {
  /** after a row was inserted or changed: the change may hold any columns, the facts among them are noted */
  note(db: Db, id: string, change: Partial<Row>): void
  /** the same change of many rows */
  noteEach(db: Db, ids: Iterable<string>, change: Partial<Row>): void
  /** a fact that stands in another table, named in `parts` */
  notePart(db: Db, id: string, part: string, value: unknown): void
  /** after a row was deleted, or put aside */
  noteGone(db: Db, ids: string | Iterable<string>): void
}

/** `export const volumeFacts = factsOf<VolumeRow>({ type: 'volume', table: 'volumes', columns: ['project_id', 'size', …] })` */
export function factsOf<Row extends object>(declared: FactTable<keyof Row & string>): Facts<Row> {
  const { type, columns, gone, parts = {} } = declared
  function factsAmong(change: Partial<Row>): Record<string, unknown> | null {
    const found = columns.filter((column) => change[column] !== undefined).map((column) => [column, change[column]])
    return found.length === 0 ? null : (Object.fromEntries(found) as Record<string, unknown>)
  }
  const isGone = (change: Partial<Row>): boolean => gone !== undefined && Boolean(change[gone])
  function noteEach(db: Db, ids: Iterable<string>, change: Partial<Row>): void {
    const facts = isGone(change) ? null : factsAmong(change)
    if (facts === null && !isGone(change)) return
    for (const id of ids) factsNote(db, type, id, facts)
  }
  return {
    ...declared,
    note: (db, id, change) => noteEach(db, [id], change),
    noteEach,
    notePart(db, id, part, value) {
      assert(part in parts, `${part} is no part of a ${type}'s facts`)
      factsNote(db, type, id, { [part]: value })
    },
    noteGone(db, ids) {
      for (const id of typeof ids === 'string' ? [ids] : ids) factsNote(db, type, id, null)
    },
  }
}

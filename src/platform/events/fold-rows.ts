// Rows as facts: of each type of resource that the tables' declarations name, what its row and its parts hold now.
import { sql, type RawBuilder } from 'kysely'
import { factsOfRow, type FactsOf, type TableFacts } from '../store/facts.ts'
import { idValues } from '../store/ids-in.ts'
import type { Db } from '../store/store.ts'

export type Known = Record<string, unknown>

/** the next ones after an id in the order of ids, or these */
export type WhichRows = { after: string; limit: number } | { ids: string[] }

interface Source extends TableFacts {
  table: string
  /** only rows with this value in this column are of the type */
  only: { column: string; value: string } | null
}

/** A type of resource and the tables that hold it. */
export interface ResourceFacts {
  type: string
  /** null: it has parts only */
  own: Source | null
  parts: Source[]
}

export function resourcesOf(tables: FactsOf): ResourceFacts[] {
  const found = new Map<string, ResourceFacts>()
  for (const [table, declared] of Object.entries(tables)) {
    const { type } = declared
    const types =
      typeof type === 'string'
        ? [[type, null] as const]
        : Object.entries(type.types).map(([value, name]) => [name, { column: type.column, value }] as const)
    for (const [name, only] of types) {
      const resource = found.get(name) ?? { type: name, own: null, parts: [] }
      found.set(name, resource)
      if (declared.part) resource.parts.push({ ...declared, table, only })
      else resource.own = { ...declared, table, only }
    }
  }
  return [...found.values()]
}

/** Those of the type, by id. */
export async function rowsRead(db: Db, { own, parts }: ResourceFacts, which: WhichRows): Promise<Map<string, Known>> {
  const rows = new Map<string, Known>()
  if (own) await read(db, own, { which, into: rows })
  else for (const id of await idsOfParts(db, parts, which)) rows.set(id, {})
  if (rows.size > 0) for (const part of parts) await read(db, part, { which: { ids: [...rows.keys()] }, into: rows })
  return rows
}

/** The id as events have it. */
const idOf = ({ id = 'id', isNumbered, unnamed }: Source): RawBuilder<string> =>
  isNumbered
    ? sql`cast(${sql.ref(id)} as text)`
    : unnamed === undefined
      ? sql`${sql.ref(id)}`
      : sql`coalesce(nullif(${sql.ref(id)}, ''), ${unnamed})`

function chosen(db: Db, source: Source, which: WhichRows): RawBuilder<boolean> {
  const { only, gone } = source
  return sql<boolean>`${'ids' in which ? sql`${idOf(source)} in (${idValues(db, which.ids)})` : sql`${idOf(source)} > ${which.after}`}
    ${only === null ? sql`` : sql`and ${sql.ref(only.column)} = ${typed(only.value)}`} ${gone === undefined ? sql`` : sql`and ${sql.ref(gone)} = 0`}`
}

const typed = (value: string): string | number => (/^\d+$/.test(value) ? Number(value) : value)

async function read(db: Db, source: Source, { which, into }: { which: WhichRows; into: Map<string, Known> }): Promise<void> {
  const limit = 'ids' in which ? sql`` : sql`limit ${which.limit}`
  const { rows } = await sql<Known & { fact_id: string }>`
    select ${idOf(source)} as fact_id, ${sql.table(source.table)}.* from ${sql.table(source.table)}
    where ${chosen(db, source, which)} order by 1 ${limit}`.execute(db.as())
  for (const { fact_id, ...row } of rows) {
    const known = into.get(fact_id) ?? {}
    Object.assign(known, factsOfRow(source, row))
    if (!source.part) into.set(fact_id, known)
  }
}

async function idsOfParts(db: Db, parts: Source[], which: WhichRows): Promise<string[]> {
  const found = new Set<string>()
  for (const source of parts) {
    const limit = 'ids' in which ? sql`` : sql`limit ${which.limit}`
    const { rows } = await sql<{ fact_id: string }>`
      select distinct ${idOf(source)} as fact_id from ${sql.table(source.table)} where ${chosen(db, source, which)} order by 1 ${limit}`.execute(
      db.as(),
    )
    for (const { fact_id } of rows) found.add(fact_id)
  }
  return [...found].sort().slice(0, 'ids' in which ? undefined : which.limit)
}

/** What people call the resource of this id, also when its row is only kept for the record; undefined: it has no name, or is gone. */
export async function nameRead(db: Db, { own }: ResourceFacts, id: string): Promise<string | undefined> {
  const column = own?.called ?? (own?.facts.includes('name') ? 'name' : undefined)
  if (!own || column === undefined) return undefined
  const { rows } = await sql<{ name: string | null }>`
    select ${sql.ref(column)} as name from ${sql.table(own.table)} where ${idOf(own)} = ${id} limit 1`.execute(db.as())
  return rows[0]?.name ?? undefined
}

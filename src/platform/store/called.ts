// Finds resources by what an operator calls them: an id, a name, an address, in whichever table. For people who look, not
// for the API: it reads whole tables where no index helps, and says nothing of who may see what.
import { sql } from 'kysely'
import { typeOfRow, type FactsOf } from './facts.ts'
import type { Db } from './store.ts'

export interface Called {
  /** as events name it: 'server', 'identity.project' */
  type: string
  id: string
  name: string | null
  projectId: string | null
  /** the resource that has it: a port's server */
  holder?: { type: string; id: string }
}

/** as many of one type as a person still reads */
const mostOfAType = 20

/** The resources that are called so, by any of the columns that their tables are declared to be asked for by. */
export async function calledIn(db: Db, tables: FactsOf, word: string): Promise<Called[]> {
  const found: Called[] = []
  for (const [table, { id: idColumn = 'id', isNumbered, type, project, called, facts, part, by, gone }] of Object.entries(tables)) {
    if (by === undefined) continue
    const id = isNumbered ? sql`cast(${sql.ref(idColumn)} as text)` : sql.ref(idColumn)
    const name = called ?? (facts.includes('name') && !part ? 'name' : undefined)
    const is = sql.join(
      [id, ...(name === undefined ? [] : [sql.ref(name)]), ...by.map((column) => sql.ref(column))].map(
        (column) => sql`${column} = ${word}`,
      ),
      sql` or `,
    )
    const query = sql<{ id: string; name: string | null; project: string | null; kind: unknown }>`
      select ${id} as id, ${name === undefined ? sql`null` : sql.ref(name)} as name, ${project === undefined ? sql`null` : sql.ref(project)} as project,
        ${typeof type === 'string' ? sql`null` : sql.ref(type.column)} as kind
      from ${sql.table(table)} where (${is}) ${gone === undefined ? sql`` : sql`and ${sql.ref(gone)} = 0`} order by 1 limit ${mostOfAType}`
    for (const row of (await query.execute(db.as<Record<string, never>>())).rows)
      found.push({ type: typeOfRow(type, row.kind), id: row.id, name: row.name, projectId: row.project })
  }
  return found
}

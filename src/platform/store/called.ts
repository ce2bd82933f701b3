// Finds resources by what an operator calls them: an id, a name, an address, in whichever table. For people who look, not
// for the API: it reads whole tables where no index helps, and says nothing of who may see what.
import { sql } from 'kysely'
import type { Db } from './store.ts'

/** A table of resources, and by which columns people call them. */
export interface CalledIn {
  /** as events name it: 'server', 'identity.project' */
  type: string
  table: string
  /** the column with the id; 'id' when not given */
  id?: string
  /** the column with the name; null: it has none */
  name: string | null
  /** the column with the project; null: it belongs to none */
  project: string | null
  /** further columns that it is called by: addresses */
  by?: string[]
  /** a column that is 1 when the row is only kept for the record */
  gone?: string
}

export interface Called {
  type: string
  id: string
  name: string | null
  projectId: string | null
  /** the resource that has it: a port's server */
  holder?: { type: string; id: string }
}

/** as many of one type as a person still reads */
const mostOfAType = 20

/** The resources of these tables that are called so, by any of their columns. */
export async function calledIn(db: Db, tables: readonly CalledIn[], word: string): Promise<Called[]> {
  const found: Called[] = []
  for (const { type, table, id = 'id', name, project, by = [], gone } of tables) {
    const columns = [id, ...(name === null ? [] : [name]), ...by]
    const is = sql.join(
      columns.map((column) => sql`${sql.ref(column)} = ${word}`),
      sql` or `,
    )
    const query = sql<{ id: string; name: string | null; project: string | null }>`
      select ${sql.ref(id)} as id, ${name === null ? sql`null` : sql.ref(name)} as name, ${project === null ? sql`null` : sql.ref(project)} as project
      from ${sql.table(table)} where (${is}) ${gone === undefined ? sql`` : sql`and ${sql.ref(gone)} = 0`} order by 1 limit ${mostOfAType}`
    const { rows } = await query.execute(db.as<Record<string, never>>())
    found.push(...rows.map((row) => ({ type, id: String(row.id), name: row.name, projectId: row.project })))
  }
  return found
}

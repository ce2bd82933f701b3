// Rows from PostgreSQL with their columns decoded, and parameters encoded (columns.ts). A result says of each column the number of
// its table and of the column in it; their names are asked for once per table.
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { decoders, encoded, kindOf, type ColumnKind } from './columns.ts'

interface Field {
  name: string
  tableID: number
  columnID: number
}

interface Result {
  command: 'UPDATE' | 'DELETE' | 'INSERT' | 'SELECT' | 'MERGE'
  rowCount: number
  rows: Record<string, unknown>[]
  fields: Field[]
}

/** What the pool's clients do of pg's. */
interface Client {
  query(sql: string, parameters: readonly unknown[]): Promise<Result>
  release(): void
}

/** by table's number: its name and its columns' */
type Names = Map<number, { table: string; columns: Map<number, string> }>

/** Tables have numbers of their own in each database; those of the server's own catalogue are below this one. */
const firstOwnTable = 16_384

export function decodingPool(pool: { connect(): Promise<unknown>; end(): Promise<void> }): PostgresPool {
  const names: Names = new Map()
  return {
    connect: async () => decoding((await pool.connect()) as Client, names),
    end: () => pool.end(),
  } as PostgresPool
}

/** Of a client all that Kysely needs, but cursors, which nobody here uses. */
function decoding(client: Client, names: Names): PostgresPoolClient {
  const query = async (sql: string, parameters: readonly unknown[] = []) => {
    const result = await client.query(sql, parameters.map(encoded))
    if (result.rows.length > 0) await decode(client, names, result)
    return result
  }
  // Kysely's type of `query` has a second form, for cursors
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() }
}

async function decode(client: Client, names: Names, { fields, rows }: Result): Promise<void> {
  const kinds: [name: string, kind: ColumnKind][] = []
  for (const { name, tableID, columnID } of fields) {
    if (tableID < firstOwnTable) continue
    const known = names.get(tableID)?.columns.has(columnID) ? names.get(tableID) : await namesFetch(client, names, tableID)
    const kind = kindOf(known?.table, known?.columns.get(columnID))
    if (kind !== undefined) kinds.push([name, kind])
  }
  if (kinds.length > 0) for (const row of rows) for (const [name, kind] of kinds) row[name] = decoders[kind](row[name])
}

async function namesFetch(client: Client, names: Names, tableId: number) {
  const { rows } = await client.query(
    'select c.relname as table, a.attnum as number, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid where c.oid = $1 and a.attnum > 0',
    [tableId],
  )
  const found = {
    table: String(rows[0]?.['table']),
    columns: new Map(rows.map(({ number, column }) => [Number(number), String(column)])),
  }
  names.set(tableId, found)
  return found
}

// Kysely over pg. Loaded only when a PostgreSQL URL is configured.
import { PostgresDialect, type Dialect } from 'kysely'

const int8Oid = 20
const numericOid = 1700

/** A pool on the given URL; 64-bit integers and numerics arrive as numbers, as they do from SQLite. */
export async function openPostgres(url: string, maxConnections = 10): Promise<Dialect> {
  const { default: pg } = await import('pg')
  const types = new pg.TypeOverrides()
  types.setTypeParser(int8Oid, Number)
  types.setTypeParser(numericOid, Number)
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, types })
  return new PostgresDialect({ pool })
}

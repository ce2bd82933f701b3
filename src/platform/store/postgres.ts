// Kysely over pg. Loaded only when a PostgreSQL URL is configured.
import { PostgresDialect, type Dialect } from 'kysely'
import { decodingPool } from './postgres-columns.ts'

const int8Oid = 20
const numericOid = 1700
/** A process that stands still inside a transaction holds its rows for so long at most: less than a lease of work. */
const idleInTransactionMs = 10_000

/** The database could not be reached at the start; the message is for the person who gave the URL. */
class DatabaseUnreachableError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`the database of --database cannot be used: ${reason}`, options)
    this.name = 'DatabaseUnreachableError'
  }
}

/**
 * A pool on the given URL; 64-bit integers and numerics arrive as numbers, as they do from SQLite. With a schema, its tables are the
 * only ones that statements see.
 */
export async function openPostgres(url: string, maxConnections = 10, schema?: string): Promise<Dialect> {
  const { default: pg } = await import('pg')
  const types = new pg.TypeOverrides()
  types.setTypeParser(int8Oid, Number)
  types.setTypeParser(numericOid, Number)
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    types,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    // awaited before the connection is lent out
    ...(schema === undefined ? {} : { onConnect: (client) => client.query(`set search_path to ${pg.escapeIdentifier(schema)}`) }),
  })
  // a connection whose server went away leaves the pool; the next query opens another or says why it cannot
  pool.on('error', () => undefined)
  // nor may one that is lent out, between two queries of a transaction, end the process: its next query fails
  pool.on('connect', (client) => client.on('error', () => undefined))
  try {
    const client = await pool.connect()
    client.release()
  } catch (error) {
    await pool.end()
    throw new DatabaseUnreachableError(
      error instanceof Error ? error.message || String((error as { code?: string }).code) : String(error),
      { cause: error },
    )
  }
  return new PostgresDialect({ pool: decodingPool(pool) })
}

const connectionFailures = /^(08...|25P03|57P0[123]|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE)$/

/** True when PostgreSQL went away, is not up yet or has no connection left: what was asked may work later. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message, syscall } = error as { code?: string; message?: string; syscall?: string }
  if (code === 'ENOENT' && syscall !== 'connect') return false
  return (
    (code !== undefined && connectionFailures.test(code)) ||
    /^Connection terminated|^Client has encountered a connection error|^timeout exceeded when trying to connect/.test(message ?? '')
  )
}

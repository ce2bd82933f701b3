// A query builder on one connection, for the time of a transaction: a query goes to the connection at once. Kysely's own
// way leads through eight promises for each, which for a small query on SQLite costs more than the query does.
import { DefaultQueryExecutor, DummyDriver, Kysely, type CompiledQuery, type DatabaseConnection, type Dialect, type DialectAdapter, type QueryCompiler, type QueryResult } from 'kysely'
import { assert } from '../errors.ts'

/** What builders on many connections share. */
export interface QueryParts {
  dialect: Dialect
  adapter: DialectAdapter
  compiler: QueryCompiler
}

export const queryParts = (dialect: Dialect): QueryParts => ({ dialect, adapter: dialect.createAdapter(), compiler: dialect.createQueryCompiler() })

const driver = new DummyDriver()

class OnConnection extends DefaultQueryExecutor {
  #connection: DatabaseConnection | null
  constructor({ compiler, adapter }: QueryParts, connection: DatabaseConnection) {
    super(compiler, adapter, { provideConnection: (consumer) => consumer(connection) })
    this.#connection = connection
  }
  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    assert(this.#connection, 'a query came after the end of its transaction')
    return this.#connection.executeQuery<R>(query)
  }
  end(): void {
    this.#connection = null
  }
}

/** `end` must be called when the connection is given back. */
export function onConnection(parts: QueryParts, connection: DatabaseConnection): { queries: Kysely<unknown>; end(): void } {
  const executor = new OnConnection(parts, connection)
  return { queries: new Kysely<unknown>({ config: parts, dialect: parts.dialect, driver, executor }), end: () => executor.end() }
}

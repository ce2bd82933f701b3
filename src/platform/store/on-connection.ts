// A query builder on one connection, for the time of a transaction: a query goes to the connection at once. Kysely's own
// way leads through eight promises for each, which for a small query on SQLite costs more than the query does.
import {
  DefaultQueryExecutor,
  DummyDriver,
  Kysely,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import { assert } from '../errors.ts'
import { told, TellingCompiler, type DeclaredFacts, type FactsNote } from './facts.ts'

/** What builders on many connections share. */
export interface QueryParts {
  dialect: Dialect
  adapter: DialectAdapter
  compiler: QueryCompiler
}

export const queryParts = (dialect: Dialect, facts: DeclaredFacts): QueryParts => ({
  dialect,
  adapter: dialect.createAdapter(),
  compiler: new TellingCompiler(dialect.createQueryCompiler(), facts),
})

const driver = new DummyDriver()

/** `end` must be called when the connection is given back. */
export class OnConnection extends DefaultQueryExecutor {
  #parts: QueryParts
  #connection: DatabaseConnection | null
  #builder: Kysely<unknown> | null = null
  #note: (note: FactsNote) => void
  /** a row was inserted, changed or deleted on it */
  hasChanged = false
  constructor(parts: QueryParts, connection: DatabaseConnection, note: (note: FactsNote) => void) {
    super(parts.compiler, parts.adapter, { provideConnection: (consumer) => consumer(connection) })
    this.#note = note
    this.#parts = parts
    this.#connection = connection
  }
  /** made when it is asked for: many transactions only run what is compiled already */
  get builder(): Kysely<unknown> {
    return (this.#builder ??= new Kysely<unknown>({ config: this.#parts, dialect: this.#parts.dialect, driver, executor: this }))
  }
  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    assert(this.#connection, 'a query came after the end of its transaction')
    const result = await this.#connection.executeQuery<R>(query)
    if (result.numAffectedRows) this.hasChanged = true
    return told(query, result, this.#note)
  }
  end(): void {
    this.#connection = null
  }
}

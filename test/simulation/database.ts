// The one database of a simulated cloud: SQLite in memory, shared by all control processes. Each process has a Kysely of
// its own over it. A query or a transaction waits for its turn and then runs whole: what is inside a transaction can be
// seen by nobody, so only its begin, its commit and the disk's answer to it are moments of their own.
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type DatabaseConnection, type Dialect, type Driver, type QueryResult, type SqliteDatabase } from 'kysely'
import type { Clock } from '../../src/platform/clock.ts'
import type { Ids } from '../../src/platform/ids.ts'
import { cachedStatements } from '../../src/platform/store/sqlite.ts'
import { createStore, type Store } from '../../src/platform/store/store.ts'

/** The process that asks: where it waits, and how a shared database may refuse it. */
export interface DatabaseClient {
  clock: Clock
  ids: Ids
  pause(label: string): Promise<void>
  /** several processes write: a commit may lose against another one's, as on PostgreSQL */
  loses(): boolean
  /** the only process on the database may keep answers as long as nothing was committed */
  exclusive: boolean
}

export class SimulatedDatabase {
  readonly raw: DatabaseSync
  #statements: SqliteDatabase
  #commits = 0

  #clock: () => number

  /** With a clock of its own; from what `bytes` of another one gave. */
  constructor(clock: () => number, content?: Uint8Array) {
    this.#clock = clock
    this.raw = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
    if (content) this.raw.deserialize(content)
    this.raw.exec('pragma journal_mode = memory; pragma synchronous = off; pragma temp_store = memory')
    this.#statements = cachedStatements(this.raw)
  }

  bytes(): Uint8Array {
    return this.raw.serialize()
  }

  /** What its clock says to a process that asks, and hears the answer a while later. */
  async nowMs(pause: DatabaseClient['pause']): Promise<number> {
    await pause('database')
    const nowMs = this.#clock()
    await pause('database')
    return nowMs
  }

  /** Rows, read at once and behind everybody's back: for those who check. */
  rows<Row>(sql: string, ...parameters: string[]): Row[] {
    return this.raw.prepare(sql).all(...parameters) as Row[]
  }

  /** Nothing may wait for the outside world inside a transaction. */
  get inTransaction(): boolean {
    return this.raw.isTransaction
  }

  openFor(client: DatabaseClient): Store {
    const committed = () => void this.#commits++
    const connection = new Connection(this.#statements, { client, committed })
    const dialect: Dialect = {
      createAdapter: () => new ManyAtOnce(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createDriver: () => new OneConnection(connection, client),
    }
    const store = createStore('sqlite', dialect, { clock: client.clock, ids: client.ids, commits: { durable: () => client.pause('disk'), isDurable: () => true, revision: () => this.#commits } })
    return client.exclusive ? store : { ...store, revision: () => null }
  }
}

/** Kysely would let one wait for another: here each waits for its own turn, in the order that the seed draws. */
class ManyAtOnce extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

class OneConnection implements Driver {
  #connection: Connection
  #client: DatabaseClient
  constructor(connection: Connection, client: DatabaseClient) {
    this.#connection = connection
    this.#client = client
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#client.pause('database')
    return this.#connection
  }
  beginTransaction = () => this.#connection.control('begin')
  commitTransaction = () => this.#connection.control('commit')
  rollbackTransaction = () => this.#connection.control('rollback')
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

const writes = /^\s*(insert|update|delete|replace|with)/i

class Connection implements DatabaseConnection {
  #statements: SqliteDatabase
  #client: DatabaseClient
  #committed: () => void
  #inTransaction = false
  #wrote = false
  constructor(statements: SqliteDatabase, { client, committed }: { client: DatabaseClient; committed: () => void }) {
    this.#statements = statements
    this.#client = client
    this.#committed = committed
  }

  async control(word: 'begin' | 'commit' | 'rollback'): Promise<void> {
    if (word === 'commit' && this.#wrote && this.#client.loses()) throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    this.#run(CompiledQuery.raw(word))
    if (word === 'commit' && this.#wrote) this.#committed()
    this.#inTransaction = word === 'begin'
    this.#wrote = false
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = this.#run<R>(query)
    if (!writes.test(query.sql)) return result
    this.#wrote = true
    if (this.#inTransaction) return result
    this.#wrote = false
    this.#committed()
    await this.#client.pause('disk')
    return result
  }

  #run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const statement = this.#statements.prepare(sql)
    if (statement.reader) return { rows: statement.all(parameters) as R[] }
    const { changes, lastInsertRowid } = statement.run(parameters)
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('nothing streams rows')
  }
}

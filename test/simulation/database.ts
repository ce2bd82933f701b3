// A database of a simulated cloud: SQLite in memory, shared by all control processes. Each process has a Kysely of
// its own over it. A query or a transaction waits for its turn and then runs whole: what is inside a transaction can be
// seen by nobody, so only its begin, its commit and the disk's answer to it are moments of their own.
import { DatabaseSync } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
} from 'kysely'
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
  /** its name in rows of work */
  worker: string
}

/** Work that runs is changed by its owner, by whom it is claimed anew with a later fence when its lease is over, and by nobody else. */
const watchItems = `create temp trigger only_owners after update of state, phase, step, data, lease_until, fence on main.work_items when old.state = 'running'
  begin select changes_item(old.name, old.worker, old.lease_until, new.fence <> old.fence); end`
/** processes read the database's clock through the network */
const clocksApartMs = 2_000

interface Hooks {
  client: DatabaseClient
  committed(isStory: boolean): void
  /** waits for it */
  disk(): Promise<void>
  asks(): void
}

export class SimulatedDatabase {
  raw: DatabaseSync
  /** of several processes; the only one begins by reclaiming what its former life had in hand, and its clock may be set */
  #watchesWork: boolean
  #statements: SqliteDatabase
  #commits = 0
  /** of the commits, those that somebody has waited for */
  #synced = 0
  #clock: () => number
  /** all that the disk has, while it takes no more */
  #onDisk: { content: Uint8Array; commits: number } | null = null
  #atStory: { left: number; happen: () => void } | null = null
  /** whose statement runs */
  #asking: DatabaseClient | null = null
  /** what was seen that must not be */
  violations: string[] = []

  /** With a clock of its own; from what `bytes` of another one gave. */
  constructor({ clock, watchesWork, content }: { clock: () => number; watchesWork: boolean; content: Uint8Array | undefined }) {
    this.#clock = clock
    this.#watchesWork = watchesWork
    this.raw = this.#open(content)
    this.#statements = cachedStatements(this.raw)
  }

  #open(content?: Uint8Array): DatabaseSync {
    const raw = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
    if (content) raw.deserialize(content)
    // nobody else opens it: what was read once is not looked at again
    raw.exec(
      'pragma journal_mode = memory; pragma synchronous = off; pragma temp_store = memory; pragma locking_mode = exclusive; pragma cache_size = -65536',
    )
    raw.function('changes_item', (name, owner, leaseUntil, isClaim) =>
      this.#itemChanges(String(name), String(owner), isClaim === 1 ? Number(leaseUntil) : null),
    )
    if (this.#watchesWork) raw.exec(watchItems)
    return raw
  }

  /** From now on the disk takes nothing: what is committed is seen, and would be lost with the power. */
  stall(): void {
    this.#onDisk ??= { content: this.bytes(), commits: (this.#synced = this.#commits) }
  }

  get isStalled(): boolean {
    return this.#onDisk !== null
  }

  /** Only what the disk has is left. Whoever used the database must be dead. */
  losePower(): void {
    if (this.#onDisk === null) return
    this.raw.close()
    this.raw = this.#open(this.#onDisk.content)
    this.#statements = cachedStatements(this.raw)
    this.#synced = this.#commits
    this.#onDisk = null
  }

  /** Calls back in the midst of work: right after the n-th commit from now that writes a line of a timeline. */
  atStory(left: number, happen: () => void): void {
    this.#atStory = { left, happen }
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
    return this.#statements.prepare(sql).all(parameters) as Row[]
  }

  /** Nothing may wait for the outside world inside a transaction. */
  get inTransaction(): boolean {
    return this.raw.isTransaction
  }

  openFor(client: DatabaseClient): Store {
    const committed = (isStory: boolean) => {
      this.#commits++
      if (isStory && this.#atStory && --this.#atStory.left <= 0) this.#storyTold()
    }
    const disk = async () => {
      const upTo = this.#commits
      if (this.#synced >= upTo) return
      await (this.#onDisk === null ? client.pause('disk') : never())
      this.#synced = Math.max(this.#synced, upTo)
    }
    const isDurable = () => this.#onDisk === null || this.#onDisk.commits === this.#commits
    const asks = () => void (this.#asking = client)
    const connection = new Connection(this.#statements, { client, committed, disk, asks })
    const dialect: Dialect = {
      createAdapter: () => new ManyAtOnce(),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createDriver: () => new OneConnection(connection, client),
    }
    const store = createStore('sqlite', dialect, {
      clock: client.clock,
      ids: client.ids,
      commits: { durable: disk, isDurable, revision: () => this.#commits },
    })
    return client.exclusive ? store : { ...store, revision: () => null }
  }

  #itemChanges(name: string, owner: string, claimedBefore: number | null): null {
    if (!this.#asking) return null
    const { worker } = this.#asking
    if (claimedBefore !== null && claimedBefore > this.#clock() + clocksApartMs)
      this.violations.push(`${worker} claims ${name}, whose lease by ${owner} is not over`)
    if (claimedBefore === null && worker !== owner) this.violations.push(`${worker} changes ${name}, which ${owner} works on`)
    return null
  }

  #storyTold(): void {
    const happen = this.#atStory?.happen
    this.#atStory = null
    happen?.()
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
  beginTransaction = async () => void (await this.#connection.executeQuery(CompiledQuery.raw('begin')))
  commitTransaction = async () => void (await this.#connection.executeQuery(CompiledQuery.raw('commit')))
  rollbackTransaction = async () => void (await this.#connection.executeQuery(CompiledQuery.raw('rollback')))
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

/** for who waits until its process is dead; one each, or it would hold all of them for ever */
const never = () => new Promise<void>(() => undefined)
const controls = new Set(['begin', 'commit', 'rollback'])
const writes = /^\s*(insert|update|delete|replace|with)/i

class Connection implements DatabaseConnection {
  #statements: SqliteDatabase
  #hooks: Hooks
  #inTransaction = false
  #wrote = false
  #isStory = false
  constructor(statements: SqliteDatabase, hooks: Hooks) {
    this.#statements = statements
    this.#hooks = hooks
  }

  #control<R>(query: CompiledQuery): QueryResult<R> {
    if (query.sql === 'commit' && this.#wrote && this.#hooks.client.loses())
      throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    const result = this.#run<R>(query)
    if (query.sql === 'commit' && this.#wrote) this.#hooks.committed(this.#isStory)
    this.#inTransaction = query.sql === 'begin'
    this.#wrote = false
    this.#isStory = false
    return result
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (controls.has(query.sql)) return this.#control<R>(query)
    const result = this.#run<R>(query)
    if (!writes.test(query.sql)) return result
    this.#wrote = true
    this.#isStory ||= query.sql.startsWith('insert into "events"')
    if (this.#inTransaction) return result
    this.#wrote = false
    this.#hooks.committed(false)
    await this.#hooks.disk()
    return result
  }

  #run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    this.#hooks.asks()
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

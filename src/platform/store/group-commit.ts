// Durable commits that share their fsyncs. SQLite commits to its write-ahead log without waiting for the disk
// (synchronous=NORMAL, which keeps the file consistent whatever happens); a transaction counts as done when an
// fdatasync of the log that began after its commit has ended. One runs at a time, in a thread of its own, and those
// who commit meanwhile share the next: with 16 writers about a tenth of the fsyncs, and none that stops the process.
import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type SqliteDialectConfig,
} from 'kysely'

/** Puts a file's content on the disk. */
export interface Disk {
  sync(): Promise<void>
  close(): void
}

/** The write-ahead log; its directory is synced once, so that the file's name is on the disk too. */
export function walOnDisk(path: string): Disk {
  let fd: number | null = null
  return {
    sync: () =>
      new Promise((resolve, reject) => {
        if (fd === null) {
          const directory = openSync(dirname(path), 'r')
          fsyncSync(directory)
          closeSync(directory)
          fd = openSync(path, 'r')
        }
        fdatasync(fd, (error) => (error ? reject(error) : resolve()))
      }),
    close() {
      if (fd !== null) closeSync(fd)
      fd = null
    },
  }
}

export class GroupCommit {
  #disk: Disk
  /** commits so far, and how many of them are known to be on the disk */
  #committed = 0
  #synced = 0
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null
  #failure: Error | null = null

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** Something was written and committed. */
  committed(): void {
    this.#committed++
  }

  revision(): number {
    return this.#committed
  }

  isDurable(): boolean {
    return this.#synced >= this.#committed
  }

  /** Resolves when all that was committed before this call is on the disk. */
  async durable(): Promise<void> {
    const wanted = this.#committed
    while (this.#synced < wanted) {
      if (this.#failure) throw this.#failure
      await (this.#running ? (this.#next ??= this.#running.then(() => this.#begin())) : this.#begin())
    }
  }

  #begin(): Promise<void> {
    this.#next = null
    const upTo = this.#committed
    const running = this.#disk.sync().then(
      () => {
        this.#synced = Math.max(this.#synced, upTo)
      },
      (error: unknown) => {
        // after a failed fsync the kernel may have dropped the pages: nothing that follows can be believed
        this.#failure = new Error('the database cannot be written to the disk', { cause: error })
      },
    )
    this.#running = running.finally(() => {
      if (!this.#next) this.#running = null
    })
    return this.#running
  }

  close(): void {
    this.#disk.close()
  }
}

/** Kysely's dialect, told to count commits, and to wait for the disk after a write outside of any transaction. */
export class GroupCommitDialect extends SqliteDialect {
  #config: SqliteDialectConfig
  #commits: GroupCommit
  constructor(config: SqliteDialectConfig, commits: GroupCommit) {
    super(config)
    this.#config = config
    this.#commits = commits
  }
  override createDriver(): Driver {
    return new GroupCommitDriver(this.#config, this.#commits)
  }
  override createAdapter(): SqliteAdapter {
    return new SqliteAdapter()
  }
}

class GroupCommitDriver extends SqliteDriver {
  #commits: GroupCommit
  #connection: GroupCommitConnection | null = null
  constructor(config: SqliteDialectConfig, commits: GroupCommit) {
    super(config)
    this.#commits = commits
  }
  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new GroupCommitConnection(await super.acquireConnection(), this.#commits)
    return this.#connection
  }
  override async destroy(): Promise<void> {
    await this.#commits.durable()
    this.#commits.close()
    await super.destroy()
  }
}

const writes = /^\s*(insert|update|delete|replace|with|create|drop|alter)/i

class GroupCommitConnection implements DatabaseConnection {
  #inner: DatabaseConnection
  #commits: GroupCommit
  #inTransaction = false
  #wrote = false
  constructor(inner: DatabaseConnection, commits: GroupCommit) {
    this.#inner = inner
    this.#commits = commits
  }
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (query.sql === 'rollback') return this.#rollback<R>(query)
    const result = await this.#inner.executeQuery<R>(query)
    switch (query.sql) {
      case 'begin':
        this.#inTransaction = true
        this.#wrote = false
        break
      case 'commit':
        this.#inTransaction = false
        if (this.#wrote) this.#commits.committed()
        break
      default:
        if (writes.test(query.sql)) await this.#written()
    }
    return result
  }
  /** SQLite ends a transaction by itself when the disk is full: what it failed of is what the caller must hear. */
  async #rollback<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#inTransaction = false
    try {
      return await this.#inner.executeQuery<R>(query)
    } catch (error) {
      if (/no transaction is active/.test((error as Error).message)) return { rows: [] }
      throw error
    }
  }
  async #written(): Promise<void> {
    this.#wrote = true
    if (this.#inTransaction) return
    this.#commits.committed()
    await this.#commits.durable()
  }
  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize)
  }
}

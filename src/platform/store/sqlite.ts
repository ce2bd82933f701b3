// Kysely over node:sqlite, with the statement cache in front of `prepare`: without it every query is compiled
// anew (13.6 k instead of 63 k selects per CPU second, and four times the memory).
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { SqliteDialect, type Dialect, type SqliteDatabase, type SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'
import { columnsVersion, decoders, encoded, kindOf } from './columns.ts'
import { checkpointedApart } from './checkpoints.ts'
import { GroupCommit, GroupCommitDialect, walOnDisk } from './group-commit.ts'
import { roomKeep } from './sqlite-room.ts'
import { createStore, type Store, type StoreParts } from './store.ts'

const statementCacheSize = 500
/** Where a bare parameter is the limit, SQLite (3.53) plans the statement anew each time it is bound: 10 to 200 µs. */
const bareLimit = /\b(limit|offset) \?/g

interface PreparedStatement extends SqliteStatement {
  statement: StatementSync
}

/** Opens (or makes) a database file, or ':memory:'. Every commit is fsynced: WAL with synchronous=FULL. */
export function openSqlite(path: string): { dialect: Dialect; raw: DatabaseSync } {
  const { raw, database } = open(path, 'synchronous = full')
  return { dialect: new SqliteDialect({ database }), raw }
}

/**
 * A store in a database file, for many writers at once: commits go to the WAL without waiting, and a transaction ends
 * when one fdatasync, which all that committed meanwhile share, has put them on the disk.
 */
export function openSqliteStore(path: string, parts: Omit<StoreParts, 'commits'>): Store {
  const { raw, database } = open(path, 'synchronous = normal')
  roomKeep(raw)
  const commits = new GroupCommit(walOnDisk(`${path}-wal`))
  return createStore('sqlite', new GroupCommitDialect({ database }, commits), { ...parts, commits })
}

/** bytes beside rows are read in half as many pages */
const bulkPageBytes = 8192

/** The same for rows that come by the thousand a second and hold bytes: larger pages, and a thread that makes the checkpoints. */
export function openBulkStore(path: string, parts: Omit<StoreParts, 'commits'>): Store {
  const { raw, database } = open(path, 'synchronous = normal; pragma wal_autocheckpoint = 0', bulkPageBytes)
  const commits = new GroupCommit(checkpointedApart(walOnDisk(`${path}-wal`), { path, raw, pageBytes: bulkPageBytes }))
  return createStore('sqlite', new GroupCommitDialect({ database }, commits), { ...parts, commits })
}

/** `commits`: the pragmas that say when a commit is on the disk. A page's size is that of the new file. */
function open(path: string, commits: string, pageBytes = 4096): { raw: DatabaseSync; database: SqliteDatabase } {
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: true })
  raw.exec(
    `pragma page_size = ${pageBytes}; pragma journal_mode = wal; pragma ${commits}; pragma busy_timeout = 5000; pragma cache_size = -16384; pragma temp_store = memory`,
  )
  return { raw, database: cachedStatements(raw) }
}

/** What Kysely needs of a connection, with the statement cache in front. */
export function cachedStatements(raw: DatabaseSync): SqliteDatabase {
  const cache = new LRUCache<string, PreparedStatement>({ max: statementCacheSize })
  let version = columnsVersion()
  return {
    close: () => raw.close(),
    prepare(sql) {
      if (version !== columnsVersion()) {
        cache.clear()
        version = columnsVersion()
      }
      const known = cache.get(sql)
      if (known) return known
      const prepared = prepareRows(raw.prepare(sql.replaceAll(bareLimit, '$1 cast(? as integer)')))
      if (/^\s*(select|insert|update|delete|with|begin|commit|rollback|savepoint|release)/i.test(sql)) cache.set(sql, prepared)
      // what statements know of their columns may be wrong after a schema change
      else if (/^\s*(create|alter|drop)/i.test(sql)) cache.clear()
      return prepared
    },
  }
}

/**
 * A statement whose rows are made here, from arrays: node:sqlite's own objects are dictionaries, twice as slow to make
 * and eight times as slow to copy or read.
 */
function prepareRows(statement: StatementSync): PreparedStatement {
  const columns = statement.columns()
  const rowOf = rowMaker(columns)
  const bound = (parameters: readonly unknown[]) => parameters.map(encoded) as never[]
  statement.setReturnArrays(true)
  return {
    statement,
    reader: columns.length > 0,
    // setReturnArrays: rows come as arrays, which the types of node:sqlite do not know
    all: (parameters) => (statement.all(...bound(parameters)) as unknown as unknown[][]).map(rowOf),
    run: (parameters) => statement.run(...bound(parameters)),
    *iterate(parameters) {
      // as in `all`
      for (const values of statement.iterate(...bound(parameters)) as unknown as Iterable<unknown[]>) yield rowOf(values)
    },
  }
}

/** As a literal, which the compiler knows the shape of: a tenth of what it costs to set one column after the other. */
function rowMaker(columns: ReturnType<StatementSync['columns']>): (values: unknown[]) => object {
  const members = columns.map(({ name, table, column }, index) => {
    const kind = kindOf(table, column)
    return `${JSON.stringify(name)}: ${kind === undefined ? `values[${index}]` : `decoders.${kind}(values[${index}])`}`
  })
  const maker = new Function('decoders', `return (values) => ({ ${members.join(', ')} })`) as (
    with_: typeof decoders,
  ) => (values: unknown[]) => object
  return maker(decoders)
}

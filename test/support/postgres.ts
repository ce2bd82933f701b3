// A PostgreSQL 15 of the test's own: Debian's binaries, a fresh cluster in a scratch folder, a UNIX socket, no TCP.
// Store tests run on it and on SQLite: `forEachDialect(name, test)`. With TEST_DATABASE=postgres in the environment
// every other test's cloud runs on it too.
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/platform/clock.ts'
import { systemIds } from '../../src/platform/ids.ts'
import { migrate } from '../../src/platform/store/migrate.ts'
import { openPostgres } from '../../src/platform/store/postgres.ts'
import { openSqlite } from '../../src/platform/store/sqlite.ts'
import { createStore, sql, type DialectName, type Store } from '../../src/platform/store/store.ts'

// test files that run in one process begin with all their clouds at once: some fifty, each with a pool for every store of it
const poolSize = 4
const maxConnections = 800

const parts = { clock: systemClock, ids: systemIds }

interface Cluster {
  socketDir: string
  stop(): void
}

let cluster: Cluster | undefined
let databases = 0
let migrated: Promise<string> | undefined

/** Which database the tests' clouds run on. */
export const testDatabase: DialectName = process.env.TEST_DATABASE === 'postgres' ? 'postgres' : 'sqlite'

function binaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return undefined
  const version = readdirSync(root).sort((a, b) => Number(b) - Number(a))[0]
  return version && join(root, version, 'bin')
}

/** Why PostgreSQL cannot be tested here; false when it can. */
export const postgresMissing: string | false = binaries() ? false : 'PostgreSQL is not installed (apt-get install postgresql)'

/** initdb refuses root, so the cluster belongs to nobody then. */
function asUser(command: string, args: string[]): void {
  const root = process.getuid?.() === 0
  execFileSync(root ? 'setpriv' : command, root ? ['--reuid=65534', '--regid=65534', '--clear-groups', command, ...args] : args, {
    stdio: 'ignore',
    cwd: '/',
  })
}

function startCluster(): Cluster {
  const bin = binaries()
  if (!bin) throw new Error(String(postgresMissing))
  const dir = mkdtempSync(join(tmpdir(), 'pg-'))
  if (process.getuid?.() === 0) chownSync(dir, 65534, 65534)
  const data = join(dir, 'data')
  asUser(join(bin, 'initdb'), ['-D', data, '-U', 'stackling', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'])
  const options = `-c listen_addresses='' -c unix_socket_directories=${dir} -c fsync=off -c max_connections=${maxConnections}`
  asUser(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', join(dir, 'log'), '-o', options, 'start'])
  return {
    socketDir: dir,
    stop() {
      asUser(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A new empty database; the cluster is started at the first call and ends with the process. */
export async function openTestPostgres(): Promise<Store> {
  return openDatabase(await createDatabase())
}

/** A new database of the kind that TEST_DATABASE names, with every migration applied on PostgreSQL (SQLite is quick to migrate). */
export async function openTestStore(): Promise<Store> {
  if (testDatabase === 'sqlite') return createStore('sqlite', openSqlite(':memory:').dialect, parts)
  migrated ??= migratedDatabase()
  return openDatabase(await createDatabase(await migrated))
}

/** A domain's own store for the cloud on this one: in memory, or a schema in the same database. */
export async function openTestOwn(store: Store, name: string): Promise<Store> {
  if (store.dialect === 'sqlite') return createStore('sqlite', openSqlite(':memory:').dialect, parts)
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(store.as())
  return createStore('postgres', await openPostgres(postgresUrl(rows[0]?.name ?? ''), poolSize, name), parts)
}

/** One is migrated, the others are copies of it: 30 ms instead of 600. */
async function migratedDatabase(): Promise<string> {
  const { migrationLists, ownMigrationLists } = await import('../../src/server/domains.ts')
  const name = await createDatabase()
  const store = await openDatabase(name)
  await migrate(store, migrationLists)
  for (const [schema, lists] of ownMigrationLists) {
    const own = await openTestOwn(store, schema)
    await migrate(own, lists, schema)
    await own.close()
  }
  await store.close()
  return name
}

/** Where a database of the test's cluster is reached: by its socket. */
export function postgresUrl(name: string): string {
  cluster ??= startCluster()
  return `postgres://stackling@localhost/${name}?host=${encodeURIComponent(cluster.socketDir)}`
}

const openDatabase = async (name: string): Promise<Store> => createStore('postgres', await openPostgres(postgresUrl(name), poolSize), parts)

/** Returns the new database's name. */
export async function createDatabase(template = 'template1'): Promise<string> {
  const name = `t${process.pid}_${++databases}`
  const admin = createStore('postgres', await openPostgres(postgresUrl('postgres'), 1), parts)
  await sql`create database ${sql.id(name)} template ${sql.id(template)}`.execute(admin.as())
  await admin.close()
  return name
}

/** Defines the same test twice: on SQLite in memory and on PostgreSQL. */
export function forEachDialect(name: string, body: (store: Store, dialect: DialectName) => Promise<void>): void {
  const run = async (store: Store, dialect: DialectName) => {
    try {
      await body(store, dialect)
    } finally {
      await store.close()
    }
  }
  test(`${name} (SQLite)`, () => run(createStore('sqlite', openSqlite(':memory:').dialect, parts), 'sqlite'))
  test(`${name} (PostgreSQL)`, { skip: postgresMissing }, async () => run(await openTestPostgres(), 'postgres'))
}

// not an `after` of node:test: a file's own hooks, which stop its clouds, run later than that
process.on('exit', () => cluster?.stop())

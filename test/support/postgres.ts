// A PostgreSQL 15 of the test's own: Debian's binaries, a fresh cluster in a scratch folder, a UNIX socket, no TCP.
// Store tests run on it and on SQLite: `forEachDialect(name, test)`.
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openPostgres } from '../../src/platform/store/postgres.ts'
import { openSqlite } from '../../src/platform/store/sqlite.ts'
import { createStore, sql, type DialectName, type Store } from '../../src/platform/store/store.ts'

interface Cluster {
  socketDir: string
  stop(): void
}

let cluster: Cluster | undefined
let databases = 0

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
  execFileSync(root ? 'setpriv' : command, root ? ['--reuid=65534', '--regid=65534', '--clear-groups', command, ...args] : args, { stdio: 'ignore', cwd: '/' })
}

function startCluster(): Cluster {
  const bin = binaries()
  if (!bin) throw new Error(String(postgresMissing))
  const dir = mkdtempSync(join(tmpdir(), 'pg-'))
  if (process.getuid?.() === 0) chownSync(dir, 65534, 65534)
  const data = join(dir, 'data')
  asUser(join(bin, 'initdb'), ['-D', data, '-U', 'stackling', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'])
  const options = `-c listen_addresses='' -c unix_socket_directories=${dir} -c fsync=off -c max_connections=50`
  asUser(join(bin, 'pg_ctl'), ['-D', data, '-w', '-l', join(dir, 'log'), '-o', options, 'start'])
  return {
    socketDir: dir,
    stop() {
      asUser(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A new empty database; the cluster is started at the first call and ends after the file's tests. */
export async function openTestPostgres(): Promise<Store> {
  cluster ??= startCluster()
  const url = (name: string) => `postgres://stackling@localhost/${name}?host=${encodeURIComponent(cluster?.socketDir ?? '')}`
  const name = `t${process.pid}_${++databases}`
  const admin = createStore('postgres', await openPostgres(url('postgres'), 1))
  await sql`create database ${sql.id(name)}`.execute(admin.as())
  await admin.close()
  return createStore('postgres', await openPostgres(url(name)))
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
  test(`${name} (SQLite)`, () => run(createStore('sqlite', openSqlite(':memory:').dialect), 'sqlite'))
  test(`${name} (PostgreSQL)`, { skip: postgresMissing }, async () => run(await openTestPostgres(), 'postgres'))
}

after(() => {
  cluster?.stop()
  cluster = undefined
})

// What a cloud holds, read from its files while it runs: rows per table and, on fake drivers, the fake host's world.
// Two looks, before and after a story, must be the same.
import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { untilWithin } from '../support/until.ts'

/** Tables that only grow: history, and what identity and the catalog remember. */
const history =
  /^(events|counters|kysely_.*|settings|revocation.*|server_faults|instance_.*|server_migrations|fernet.*|tokens?|volume_messages)$/

export interface StoredHoldings {
  rows: Record<string, number>
  unfinished: string[]
}

export interface Holdings extends StoredHoldings {
  images: string[]
  fakeHost: string[]
}

/** With the image files, and the fake host's guests, volumes, cached images and taps. */
export function leftovers(dataDir: string): Holdings {
  return { ...storedHoldings(dataDir), images: filesBelow(join(dataDir, 'images')), fakeHost: fakeHostKeys(dataDir) }
}

/** The same of a cloud that has just started, as soon as its fake host was told its networks: nobody's start waits for that. */
export const leftoversAtFirst = (dataDir: string): Promise<Holdings> =>
  untilWithin('the host to be told its networks', 30_000, async () => {
    const held = leftovers(dataDir)
    return held.fakeHost.length > 0 ? held : undefined
  })

/** Rows per table (history aside) and work that is not a reconciler's; with any drivers. */
export function storedHoldings(dataDir: string): StoredHoldings {
  const db = new DatabaseSync(join(dataDir, 'stackling.db'), { readOnly: true })
  try {
    const tables = db.prepare("select name from sqlite_master where type = 'table' order by name").all() as { name: string }[]
    const rows: Record<string, number> = {}
    for (const { name } of tables) {
      if (history.test(name) || name.startsWith('sqlite_') || name === 'work_items') continue
      rows[name] = (db.prepare(`select count(*) as count from "${name}"${softDeleted(db, name)}`).get() as { count: number }).count
    }
    const unfinished = db
      .prepare(
        "select name || ' ' || resource_id || ' ' || state || ' ' || coalesce(reason, '') as text from work_items where kind = 'saga'",
      )
      .all() as { text: string }[]
    return { rows, unfinished: unfinished.map((row) => row.text) }
  } finally {
    db.close()
  }
}

/** Nova and Glance keep deleted rows for a while: they do not count. */
function softDeleted(db: DatabaseSync, table: string): string {
  const columns = db.prepare(`pragma table_info("${table}")`).all() as { name: string }[]
  if (columns.some((column) => column.name === 'deleted_at')) return ' where deleted_at is null'
  return columns.some((column) => column.name === 'deleted') ? ' where deleted = 0' : ''
}

function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** What the fake host's journal holds: guests, volumes, cached images, taps, networks, routers. Fences and counts of fates are memory, not things. */
function fakeHostKeys(dataDir: string): string[] {
  const values = new Map<string, unknown>()
  const path = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).find((name) => /^fake\/.*\.journal$/.test(name))
  if (path === undefined) return [] // real drivers: the machine itself is looked at
  for (const line of readFileSync(join(dataDir, path), 'utf8').split('\n').slice(0, -1)) {
    const [key, value] = JSON.parse(line) as [string, unknown]
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  const spec = JSON.parse(String(values.get('network/spec') ?? '{}')) as Record<string, { id?: string; networkId?: string }[]>
  const network = ['networks', 'ports', 'dhcp', 'routers'].flatMap((part) =>
    (spec[part] ?? []).map((item) => `${part} ${item.id ?? item.networkId}`),
  )
  const taps = Object.keys(JSON.parse(String(values.get('network/taps') ?? '{}')) as object).map((tap) => `tap ${tap}`)
  return [...[...values.keys()].filter((key) => /^(guest|volume|snapshot|image)\//.test(key)), ...network, ...taps].sort()
}

// What a page of 100 costs when there are 100 rows, and when there are 100,000: rows are written straight into the
// database of the stopped-for-writing cloud, then pages are fetched through the API. Only p99 counts.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Figures } from './load.ts'
import type { ScratchCloud } from './scratch-cloud.ts'

const few = 100
const many = 100_000
const requests = 400

interface Listed {
  table: string
  path: string
  /** columns that must differ from row to row: id, and what is unique */
  fresh(index: number): Record<string, string>
  /** other tables whose rows belong to one row, with the column that names it */
  parts: { table: string; column: string; fresh?(index: number): Record<string, string> }[]
}

const uuid = (kind: number, index: number): string => `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`

const listed: Record<string, Listed> = {
  servers: { table: 'servers', path: '/compute/v2.1/servers/detail?limit=100', fresh: (index) => ({ id: uuid(1, index), created_at: time(index) }), parts: [] },
  ports: { table: 'ports', path: '/network/v2.0/ports?limit=100', fresh: (index) => ({ id: uuid(2, index), mac_address: mac(index), created_at: time(index) }), parts: [] },
}

const time = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()
const mac = (index: number): string => `fa:16:3f:${[16, 8, 0].map((shift) => ((index >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`

/** p99 growth per list; needs at least one row of each kind to copy. */
export async function measurePages(cloud: ScratchCloud): Promise<Figures> {
  const figures: Figures = {}
  const { token } = await cloud.login()
  for (const [name, list] of Object.entries(listed)) {
    fill(cloud.dataDir, list, 0, few)
    const small = await p99Ms(cloud.url + list.path, token)
    fill(cloud.dataDir, list, few, many)
    const large = await p99Ms(cloud.url + list.path, token)
    Object.assign(figures, { [`${name} page p99 at ${few}`]: small, [`${name} page p99 at ${many}`]: large, [`${name} page growth`]: large / small })
  }
  return figures
}

/** Copies one existing row (index - first) times. */
function fill(dataDir: string, list: Listed, first: number, end: number): void {
  const db = new DatabaseSync(join(dataDir, 'stackling.db'))
  db.exec('pragma busy_timeout = 10000')
  const template = db.prepare(`select * from ${list.table} limit 1`).get()
  if (!template) throw new Error(`there is no row in ${list.table} to copy`)
  const columns = Object.keys(template)
  const insert = db.prepare(`insert into ${list.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  db.exec('begin')
  for (let index = first; index < end; index++) {
    const row = { ...template, ...list.fresh(index) } as Record<string, never>
    insert.run(...columns.map((column) => row[column] as never))
  }
  db.exec('commit')
  db.close()
}

async function p99Ms(url: string, token: string): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < requests; index++) {
    const start = performance.now()
    const answer = await fetch(url, { headers: { 'x-auth-token': token } })
    if (!answer.ok) throw new Error(`GET ${url}: ${answer.status} ${await answer.text()}`)
    await answer.arrayBuffer()
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(requests * 0.99)] ?? NaN
}

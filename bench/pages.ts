// What a page of 100 costs when there are 100 rows, and when there are 100,000: rows are written straight into the
// database of the stopped-for-writing cloud, then pages are fetched through the API, by an administrator and by a member
// whose project half of the rows are. Only p99 counts.
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { Figures } from './load.ts'
import type { Login, ScratchCloud } from './scratch-cloud.ts'

const few = 100
const many = 100_000
const requests = 400

interface Listed {
  table: string
  path: string
  /** columns that must differ from row to row: id, and what is unique */
  fresh(index: number): Record<string, string>
}

const uuid = (kind: number, index: number): string =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`

const listed: Record<string, Listed> = {
  servers: {
    table: 'servers',
    path: '/compute/v2.1/servers/detail?limit=100',
    fresh: (index) => ({ id: uuid(1, index), created_at: time(index) }),
  },
  ports: {
    table: 'ports',
    path: '/network/v2.0/ports?limit=100',
    fresh: (index) => ({ id: uuid(2, index), mac_address: mac(index), created_at: time(index) }),
  },
}

const time = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()
const mac = (index: number): string =>
  `fa:16:3f:${[16, 8, 0].map((shift) => ((index >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`

/** p99 growth per list and asker; needs at least one row of each kind to copy. */
export async function measurePages(cloud: ScratchCloud): Promise<Figures> {
  const figures: Figures = {}
  const admin = await cloud.login('stackling-admin')
  const member = await cloud.login('stackling-demo')
  for (const [name, list] of Object.entries(listed)) {
    const p99s = async () => ({
      '': await p99Ms(cloud.url + list.path, admin.token),
      ' of a member': await p99Ms(cloud.url + list.path, member.token),
    })
    fill(cloud.dataDir, list, { first: 0, end: 2 * few, projects: [admin, member] })
    const small = await p99s()
    fill(cloud.dataDir, list, { first: 2 * few, end: 2 * many, projects: [admin, member] })
    const large = await p99s()
    for (const [whose, after] of Object.entries(large)) {
      const before = small[whose as keyof typeof small]
      Object.assign(figures, {
        [`${name}${whose} page p99 at ${few}`]: before,
        [`${name}${whose} page p99 at ${many}`]: after,
        [`${name}${whose} page growth`]: after / before,
      })
    }
  }
  return figures
}

/** Copies one existing row so often, by turns for each of the projects. */
function fill(dataDir: string, list: Listed, { first, end, projects }: { first: number; end: number; projects: Login[] }): void {
  const db = new DatabaseSync(join(dataDir, 'stackling.db'))
  db.exec('pragma busy_timeout = 10000')
  const template = db.prepare(`select * from ${list.table} limit 1`).get()
  if (!template) throw new Error(`there is no row in ${list.table} to copy`)
  const columns = Object.keys(template)
  const insert = db.prepare(`insert into ${list.table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
  db.exec('begin')
  for (let index = first; index < end; index++) {
    const row: Record<string, unknown> = { ...template, ...list.fresh(index), project_id: projects[index % projects.length]?.projectId }
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

// Secrets stay where they are kept: strings planted in passwords, keys, user data and their like reach no line of the timeline, no log,
// no story, no operator's view, and no answer of others (ROUND.md 6). One test for all domains; what each of them plants: plants/.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authenticate } from '../../src/identity/index.ts'
import { allStores } from '../../src/platform/context.ts'
import { sql } from '../../src/platform/store/store.ts'
import { testAuthenticate } from '../support/cloud.ts'
import { startServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'
import { makeCommons } from './estate.ts'
import { allOperations, versionHeaders } from './operations.ts'
import { base64, canary, Garden } from './plants/garden.ts'
import { plantCompute } from './plants/compute.ts'
import { plantIdentity } from './plants/identity.ts'
import { plantImage } from './plants/image.ts'
import { plantNetwork } from './plants/network.ts'
import { plantObject } from './plants/object.ts'
import { plantVolume } from './plants/volume.ts'

/** every domain's; those that keep no secrets have none */
const plants = [plantIdentity, plantImage, plantNetwork, plantVolume, plantCompute, plantObject]

let garden: Garden
const logged: string[] = []

before(async () => {
  // who logs in has a token of Keystone's; the others are as the test says
  garden = new Garden(
    await startServerCloud({
      authenticate: async (token, platform) => (await testAuthenticate(token, platform)) ?? authenticate(token, platform),
    }),
  )
  const { log, config } = garden.the.cloud.platform
  Object.assign(config, { logLevel: 'info' })
  for (const level of ['debug', 'info', 'warn', 'error', 'request'] as const)
    Object.assign(log, {
      [level]: (...what: unknown[]) => void logged.push(JSON.stringify(what, (_, value) => (value instanceof Error ? value.stack : value))),
    })
  await makeCommons(garden.the)
  for (const plant of plants) await plant(garden)
  await settled(garden.the.cloud)
  assert.ok(garden.planted > 30 && garden.secrets.length > 15 && logged.length > 0)
})
after(() => garden.the.stop())

function clean(where: string, text: string): void {
  for (const secret of [canary, base64(canary).slice(0, 12), ...garden.secrets]) {
    const at = text.indexOf(secret)
    assert.equal(at, -1, `${where}: …${text.slice(Math.max(0, at - 200), at + 60)}`)
  }
}

test('what is planted reaches no line of the timeline and no log', async () => {
  const stores = allStores(garden.the.cloud.platform)
  const rows = (await Promise.all(stores.map((store) => sql`select * from events`.execute(store.as())))).flatMap((read) => read.rows)
  assert.ok(rows.length > 50)
  for (const row of rows) clean('the timeline', JSON.stringify(row))
  for (const line of logged) clean('the log', line)
})

test('what is planted reaches no story and no view of operators', async () => {
  const view = async (url: string): Promise<string> => {
    const answer = await garden.request('GET', `/operations/${url}`, { as: 'admin@p1' })
    // an attachment is a part of its volume, and has no story of its own
    assert.ok(answer.status === 200 || url.startsWith('why/'), `${url}: ${answer.text}`)
    return answer.text
  }
  for (const url of [...garden.ids.map((id) => `why/${id}`), 'work', 'work?state=ready', 'metrics']) clean(url, await view(url))
})

test('what is planted reaches no answer to others', async () => {
  const asks = allOperations().filter(({ operation }) => operation.method === 'GET' && operation.policy !== null)
  const asOther = async (url: string, headers: Record<string, string>) =>
    clean(url, (await garden.request('GET', url, { as: 'member@p2', headers })).text)
  for (const row of asks.filter(({ path }) => !path.includes(':') && !path.includes('*'))) await asOther(row.path, versionHeaders(row))
  for (const row of asks.filter(({ path }) => /^[^:*]*\/:\w+$/.test(path)))
    for (const id of garden.ids) await asOther(row.path.replace(/:\w+$/, id), versionHeaders(row))
})

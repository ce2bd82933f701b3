// Secrets stay where they are kept: strings planted in passwords, keys, user data and their like reach no line of the timeline, no log,
// no story, no operator's view, and no answer of others (ROUND.md 6). One test for all domains.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../src/platform/store/store.ts'
import type { ServerCloud } from '../support/server-cloud.ts'
import { startServerCloud } from '../support/server-cloud.ts'
import { settled } from '../support/saga.ts'
import { makeCommons } from './estate.ts'

const canary = 'CANARY7f3e'
let planted = 0
/** one of its own for each place, so that a failure says which it was */
const plant = (where: string): string => `${canary}-${where}-${planted++}`
const base64 = (text: string): string => Buffer.from(text).toString('base64')

let the: ServerCloud
const logged: string[] = []
const ids: string[] = []

before(async () => {
  the = await startServerCloud()
  const { log, config } = the.cloud.platform
  Object.assign(config, { logLevel: 'info' })
  for (const level of ['debug', 'info', 'warn', 'error', 'request'] as const)
    Object.assign(log, {
      [level]: (...what: unknown[]) => void logged.push(JSON.stringify(what, (_, value) => (value instanceof Error ? value.stack : value))),
    })
  await makeCommons(the)
})
after(() => the.stop())

const versions = { 'openstack-api-version': 'compute 2.90, volume 3.70' }
async function ask(method: string, url: string, body?: unknown, as = 'admin@p1'): Promise<any> {
  const answer = await the.cloud.request(method, url, { as, headers: versions, ...(body === undefined ? {} : { body }) })
  assert.ok(answer.status < 300, `${method} ${url}: ${answer.status} ${answer.text}`)
  return answer.body
}
const make = async (url: string, key: string, body: object, as?: string): Promise<string> => {
  const { id } = (await ask('POST', url, { [key]: body }, as))[key]
  ids.push(id)
  return id
}

async function plantAll(): Promise<void> {
  const user = await make('/identity/v3/users', 'user', { name: 'bearer', domain_id: 'default', password: plant('password') })
  await ask('PATCH', `/identity/v3/users/${user}`, { user: { password: plant('new-password') } })
  await make('/identity/v3/credentials', 'credential', {
    user_id: user,
    type: 'cert',
    blob: JSON.stringify({ access: 'a', secret: plant('ec2') }),
  })
  await make('/identity/v3/credentials', 'credential', { user_id: user, type: 'totp', blob: plant('totp') })
  await make('/identity/v3/policies', 'policy', { type: 'application/json', blob: plant('policy-blob') })
  const server = await make('/compute/v2.1/servers', 'server', {
    ...(the.server()['server'] as object),
    adminPass: plant('admin-pass'),
    user_data: base64(plant('user-data')),
    metadata: { m: plant('metadata') },
  })
  await the.until(server, 'ACTIVE')
  await ask('POST', `/compute/v2.1/servers/${server}/action`, { changePassword: { adminPass: plant('changed-password') } })
  await settled(the.cloud)
  await ask('POST', `/compute/v2.1/servers/${server}/action`, { rescue: { adminPass: plant('rescue-password') } })
  await settled(the.cloud)
  await ask('POST', `/compute/v2.1/servers/${server}/action`, { unrescue: null })
  await settled(the.cloud)
  await ask('POST', `/compute/v2.1/servers/${server}/action`, {
    rebuild: { imageRef: the.imageId, adminPass: plant('rebuild-password'), user_data: base64(plant('rebuild-data')) },
  })
  await settled(the.cloud)
  const old = await the.cloud.request('POST', '/compute/v2.1/servers', {
    as: 'admin@p1',
    body: { server: { ...(the.server()['server'] as object), personality: [{ path: '/x', contents: base64(plant('personality')) }] } },
  })
  assert.equal(old.status, 202, old.text)
  ids.push(old.body.server.id)
  const volume = await make('/volume/v3/volumes', 'volume', { size: 1, metadata: { m: plant('volume-metadata') } })
  const held = await make('/volume/v3/volumes', 'volume', { size: 1 })
  await settled(the.cloud)
  await make('/volume/v3/attachments', 'attachment', {
    volume_uuid: held,
    instance_uuid: server,
    connector: { initiator: plant('connector'), host: 'host1' },
  })
  const { transfer } = await ask('POST', '/volume/v3/volume-transfers', { transfer: { volume_id: volume, name: 't' } })
  secrets.push(transfer.auth_key)
  const { keypair } = (await the.api('POST', '/compute/v2.1/os-keypairs', { body: { keypair: { name: 'made' } } })) as {
    keypair: { private_key: string }
  }
  secrets.push(...keypair.private_key.split('\n').slice(2, 4))
  const type = await make('/volume/v3/types', 'volume_type', { name: 'sealed' })
  await ask('POST', `/volume/v3/types/${type}/encryption`, { encryption: { provider: plant('encryption'), control_location: 'front-end' } })
  await ask('POST', '/image/v2/images', {
    name: 'with',
    disk_format: 'raw',
    container_format: 'bare',
    secret_property: plant('image-property'),
  })
  const { consumer } = await ask('POST', '/identity/v3/OS-OAUTH1/consumers', { consumer: { description: 'c' } })
  secrets.push(consumer.secret)
  await make(
    '/network/v2.0/ports',
    'port',
    {
      network_id: the.networkId,
      'binding:profile': { key: plant('binding-profile') },
    },
    'service@p1',
  )
}
/** made by the cloud, and shown once */
const secrets: string[] = []

test('what is planted reaches no line of the timeline, no log, no story and no view of operators or others', async () => {
  await plantAll()
  await settled(the.cloud)
  assert.ok(planted > 15 && logged.length > 0)
  assert.ok(secrets.every((secret) => secret.length > 5))
  const clean = (where: string, text: string) => {
    for (const secret of [canary, base64(canary).slice(0, 12), ...secrets]) {
      const at = text.indexOf(secret)
      assert.equal(at, -1, `${where}: …${text.slice(Math.max(0, at - 200), at + 60)}`)
    }
  }
  const { rows } = await sql`select * from events`.execute(the.cloud.platform.store.as())
  assert.ok(rows.length > 50)
  clean('the timeline', JSON.stringify(rows))
  clean('the log', logged.join('\n'))
  const view = async (url: string): Promise<string> => {
    const answer = await the.cloud.request('GET', `/operations/${url}`, { as: 'admin@p1' })
    // an attachment is a part of its volume, and has no story of its own
    assert.ok(answer.status === 200 || url.startsWith('why/'), `${url}: ${answer.text}`)
    return answer.text
  }
  for (const url of [...ids.map((id) => `why/${id}`), 'work', 'metrics']) clean(url, await view(url))
  for (const id of ids)
    for (const url of [
      `/compute/v2.1/servers/${id}`,
      `/volume/v3/volumes/${id}`,
      `/identity/v3/credentials/${id}`,
      `/network/v2.0/ports/${id}`,
    ])
      clean(url, (await the.cloud.request('GET', url, { as: 'member@p2', headers: versions })).text)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud()))
after(() => cloud.stop())

const url = '/compute/v2.1/os-keypairs'
const latest = { 'openstack-api-version': 'compute 2.90' }
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpUpZb1MkDvfCwKQHu1hJnBCtZwHLxP4l1vBvVTnTRj me'

test('an imported keypair is listed, shown and deleted for its user alone', async () => {
  const made = await cloud.request('POST', url, { as: 'member@p1', headers: latest, body: { keypair: { name: 'k1', public_key: key } } })
  assert.equal(made.status, 201)
  assert.equal(made.body.keypair.type, 'ssh')
  assert.match(made.body.keypair.fingerprint, /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/)
  const mine = await cloud.request('GET', url, { as: 'member@p1' })
  assert.deepEqual(
    mine.body.keypairs.map((item: any) => item.keypair.name),
    ['k1'],
  )
  const theirs = await cloud.request('GET', `${url}/k1`, { as: 'member@p2' })
  assert.equal(theirs.status, 404)
  assert.equal(theirs.body.itemNotFound.code, 404)
  assert.equal((await cloud.request('DELETE', `${url}/k1`, { as: 'member@p1' })).status, 202)
})

test('a made keypair shows its private half once', async () => {
  const made = await cloud.request('POST', url, { as: 'member@p1', body: { keypair: { name: 'k2' } } })
  assert.equal(made.status, 200)
  assert.match(made.body.keypair.private_key, /BEGIN RSA PRIVATE KEY/)
  const shown = await cloud.request('GET', `${url}/k2`, { as: 'member@p1' })
  assert.equal('private_key' in shown.body.keypair, false)
})

test('F23 while an RSA key is made the loop serves others', async () => {
  const asked = Array.from({ length: 6 }, (_, index) =>
    cloud.request('POST', url, { as: 'member@p1', body: { keypair: { name: `beside-${index}` } } }),
  )
  let answered = 0
  const made = Promise.all(asked.map((one) => one.then(() => void answered++)))
  // keys are a hundred milliseconds each on one thread: none may be through before a look-up that asks nothing of them
  assert.equal((await cloud.request('GET', url, { as: 'member@p9' })).status, 200)
  assert.ok(answered < asked.length, 'the look-up waited for all keys')
  await made
})

test('clients 6 a page after a keypair that is not there, or is another’s, is refused', async () => {
  const at = (marker: string) =>
    cloud.request('GET', `${url}?marker=${marker}`, { as: 'member@p1', headers: { 'openstack-api-version': 'compute 2.35' } })
  for (const marker of ['nosuch', '', 'K2'])
    assert.equal((await at(marker)).body.badRequest?.message, `Marker ${marker} could not be found.`)
  assert.equal((await at('beside-0')).status, 200)
})

test('bad input is refused in Nova’s words', async () => {
  assert.equal((await cloud.request('GET', url)).status, 401)
  assert.equal((await cloud.request('POST', url, { as: 'member@p1', body: { keypair: {} } })).status, 400)
  assert.equal((await cloud.request('POST', url, { as: 'member@p1', body: '{' })).body.badRequest.code, 400)
  assert.equal((await cloud.request('POST', url, { as: 'member@p1', body: { keypair: { name: 'k2', public_key: key } } })).status, 409)
  assert.equal((await cloud.request('GET', url, { as: 'member@p1', headers: { 'openstack-api-version': 'compute 9.9' } })).status, 406)
  assert.equal((await cloud.request('PUT', url, { as: 'member@p1', body: {} })).status, 405)
})

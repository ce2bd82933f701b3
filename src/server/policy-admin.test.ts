// Who an operator's file makes an admin of one service is one in every part of it: what rules, logic and views say.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestCloud } from '../../test/support/cloud.ts'

test('clients 1 an operator’s file that says who is admin counts in logic and views as it does in rules, in its own service only', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'policy-admin-'))
  mkdirSync(join(dataDir, 'policy'))
  for (const service of ['compute', 'volume', 'image'])
    writeFileSync(join(dataDir, 'policy', `${service}.yaml`), 'context_is_admin: "role:boss"\n')
  const cloud = await startTestCloud({ config: { dataDir } })
  try {
    const boss = 'boss,member,reader@p1'
    const ask = async (method: string, url: string, body?: unknown, as = boss) => (await cloud.request(method, url, { as, body })).status
    const flavor = { flavor: { id: 'hidden', name: 'hidden', ram: 64, vcpus: 1, disk: 1, 'os-flavor-access:is_public': false } }
    assert.equal(await ask('POST', '/compute/v2.1/flavors', flavor), 200)
    assert.equal(await ask('GET', '/compute/v2.1/flavors/hidden'), 200)
    assert.equal(await ask('POST', '/compute/v2.1/flavors', flavor, 'admin@p1'), 403)
    assert.equal(await ask('GET', '/compute/v2.1/flavors/hidden', undefined, 'admin@p1'), 404)
    const type = await cloud.request('POST', '/volume/v3/types', {
      as: boss,
      body: { volume_type: { name: 't', 'os-volume-type-access:is_public': false } },
    })
    assert.equal(type.status, 200, type.text)
    assert.equal(await ask('GET', `/volume/v3/types/${type.body.volume_type.id}`), 200)
    assert.equal(await ask('GET', `/volume/v3/types/${type.body.volume_type.id}`, undefined, 'admin@p2'), 404)
    const image = await cloud.request('POST', '/image/v2/images', {
      as: 'member@p2',
      body: { name: 'private', disk_format: 'raw', container_format: 'bare' },
    })
    assert.equal(await ask('GET', `/image/v2/images/${image.body.id}`), 200)
    assert.equal(await ask('GET', `/image/v2/images/${image.body.id}`, undefined, 'admin@p1'), 404)
    // no file of the network's own: there admin is who it was
    assert.equal(await ask('GET', '/network/v2.0/quotas'), 403)
    assert.equal(await ask('GET', '/network/v2.0/quotas', undefined, 'admin@p1'), 200)
  } finally {
    await cloud.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeHosts, startTestCloud } from '../../test/support/cloud.ts'
import { defined } from '../platform/defined.ts'
import { until } from '../../test/support/until.ts'

/** Makes a volume of a multiattach type, and one that shall become one. */
async function multiattach(drivers: 'real' | 'fake') {
  const dataDir = mkdtempSync(join(tmpdir(), 'capabilities-'))
  const cloud = await startTestCloud({ config: { dataDir, drivers }, hosts: await fakeHosts(1) })
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await cloud.request(method, `/volume/v3${path}`, { as: 'admin@p1', ...defined({ body }) })
    return { status: answer.status, body: answer.body }
  }
  const settled = (id: string): Promise<string> =>
    until(async () => {
      const { status } = (await call('GET', `/volumes/${id}`)).body.volume
      return !status.endsWith('ing') && status
    })
  try {
    await call('POST', '/types', { volume_type: { name: 'shared', extra_specs: { multiattach: '<is> True' } } })
    const shared = (await call('POST', '/volumes', { volume: { size: 1, volume_type: 'shared' } })).body.volume.id
    const plain = (await call('POST', '/volumes', { volume: { size: 1 } })).body.volume.id
    const statuses = [await settled(shared), await settled(plain)]
    const retype = await call('POST', `/volumes/${plain}/action`, { 'os-retype': { new_type: 'shared', migration_policy: 'never' } })
    return { statuses, retype }
  } finally {
    await cloud.stop()
    rmSync(dataDir, { recursive: true })
  }
}

test('fake storage has several writers for a volume', async () => {
  const { statuses, retype } = await multiattach('fake')
  assert.deepEqual([statuses, retype.status], [['available', 'available'], 202])
})

test('files have one writer: a multiattach volume finds no storage, and no volume becomes one', async () => {
  const { statuses, retype } = await multiattach('real')
  assert.deepEqual([statuses, retype.status], [['error', 'available'], 400])
  assert.match(retype.body.badRequest.message, /no storage has what the extra specs of shared ask for/)
})

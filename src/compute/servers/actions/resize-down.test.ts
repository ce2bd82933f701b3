// A resize to a disk that the image does not fit on: the host refuses it, and the server is what it was.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { tinyQcow2 } from '../../../platform/disk-image/tiny-qcow2.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

test('a resize to a disk that is too small is undone: the old flavor, one allocation, and the reason', async () => {
  const image = await the.api('POST', '/image/v2/images', {
    as: 'admin@p1',
    body: { name: 'large', disk_format: 'qcow2', container_format: 'bare', visibility: 'public' },
  })
  const file = { as: 'admin@p1', body: tinyQcow2(3 * 2 ** 29), headers: { 'content-type': 'application/octet-stream' } }
  assert.equal((await the.cloud.request('PUT', `/image/v2/images/${image.id}/file`, file)).status, 204)
  const id = await the.boot({ imageRef: image.id, flavorRef: the.bigFlavorId })
  await the.act(id, { resize: { flavorRef: the.flavorId } })
  const server = await the.until(id, 'ACTIVE')
  assert.equal(server.flavor.ram, 128)
  assert.equal((await the.host.guests.observe(id)).power, 'running')
  const why = (await the.cloud.request('GET', `/operations/why/${id}`, { as: 'admin@p1' })).body
  assert.deepEqual(why.work, [])
  assert.match(why.text, /FAILED on host1: the image needs \d+ bytes, the root disk has \d+\n/)
  const { allocations } = await the.api('GET', `/placement/allocations/${id}`, { as: 'admin@p1' })
  assert.deepEqual(
    Object.values(allocations).map((each: any) => each.resources),
    [{ VCPU: 2, MEMORY_MB: 128, DISK_GB: 2 }],
  )
  await the.drop(id)
})

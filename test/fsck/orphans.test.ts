// A project is deleted while it holds things: as upstream they stay, and fsck names each of them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fsck } from '../../src/platform/fsck/fsck.ts'
import { checks } from '../../src/server/domains.ts'
import { settled } from '../support/saga.ts'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'
import { makeCommons, makeEstate } from '../tables/estate.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const orphans = async () =>
  (await fsck(the.cloud.systemContext(), checks)).differences
    .filter(({ check }) => check.endsWith('-orphans'))
    .map(({ resourceType, resourceId, message }) => [resourceType, resourceId, message] as const)

test('F31 what a deleted project left behind runs on, and fsck says whose it was', async () => {
  const commons = await makeCommons(the)
  const { ids } = await makeEstate(the, commons, { name: 'short-lived', octet: 21 })
  const other = await makeEstate(the, commons, { name: 'staying', octet: 22 })
  const before_ = new Set((await orphans()).map(([, id]) => id))
  for (const estate of [ids, other.ids]) assert.ok(!before_.has(estate.server))
  assert.equal((await the.cloud.request('DELETE', `/identity/v3/projects/${ids.project}`, { as: 'admin@cloud' })).status, 204)
  const found = (await orphans()).filter(([, id]) => !before_.has(id))
  for (const [type, id] of [
    ['server', ids.server],
    ['volume', ids.volume],
    ['snapshot', ids.snapshot],
    ['network', ids.network],
    ['router', ids.router],
    ['floatingip', ids.floatingIp],
    ['image', ids.image],
  ] as const) {
    assert.deepEqual(
      found.find((one) => one[1] === id),
      [type, id, `its project ${ids.project} was deleted, and it was not`],
    )
  }
  assert.ok(!found.some(([, id]) => Object.values(other.ids).includes(id)))
  assert.equal((await the.show(ids.server)).status, 'ACTIVE')
  await the.drop(ids.server)
  await settled(the.cloud)
  assert.ok(!(await orphans()).some(([, id]) => id === ids.server))
})

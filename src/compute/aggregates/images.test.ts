// Images cached on an aggregate's hosts: the saga five ways, and what the API refuses.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testSaga } from '../../../test/support/saga.ts'
import { startServerCloud, type ServerCloud } from '../../../test/support/server-cloud.ts'
import { eventsOf } from '../../platform/events.ts'
import { imageCacheSaga } from './images.ts'

let the: ServerCloud
before(async () => void (the = await startServerCloud()))
after(() => the.stop())

const admin = { as: 'admin@p1', version: '2.81' }
const path = (id: number, more = '') => `/compute/v2.1/os-aggregates/${id}${more}`

async function prepare(): Promise<number> {
  const { aggregate } = await the.api('POST', '/compute/v2.1/os-aggregates', { ...admin, body: { aggregate: { name: 'cached' } } })
  await the.api('POST', path(aggregate.id, '/action'), { ...admin, body: { add_host: { host: 'host1' } } })
  return aggregate.id as number
}

async function tidy(id: number): Promise<void> {
  await the.api('POST', path(id, '/action'), { ...admin, body: { remove_host: { host: 'host1' } } })
  await the.api('DELETE', path(id), admin)
}

const outcome = async (id: number) => (await eventsOf(the.cloud.platform.store, String(id)))[0]

testSaga<number>({
  name: 'image-cache',
  saga: imageCacheSaga,
  cloud: () => the.cloud,
  prepare,
  tidy,
  start: (id) => the.api('POST', path(id, '/images'), { ...admin, body: { cache: [{ id: the.imageId }] }, status: 202 }),
  async succeeded(id) {
    assert.deepEqual([(await outcome(id))?.result, (await outcome(id))?.host], ['success', 'host1'])
    assert.ok((await the.host.images.list()).some(({ imageId }) => imageId === the.imageId))
  },
  async unwound(id) {
    assert.equal((await outcome(id))?.result, 'error')
    assert.match((await outcome(id))?.message ?? '', /sabotaged/)
  },
})

test('unknown and repeated images are refused', async () => {
  const id = await prepare()
  const refused = (cache: { id: string }[]) => the.api('POST', path(id, '/images'), { ...admin, body: { cache }, status: 400 })
  await refused([{ id: '11111111-1111-4111-8111-111111111111' }])
  await refused([{ id: the.imageId }, { id: the.imageId }])
  await refused([])
  await tidy(id)
})

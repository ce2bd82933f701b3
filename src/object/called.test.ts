// What became of an object is told by whatever an operator calls it, also when it is gone (ROUND 5: several stores, one timeline).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../test/support/cloud.ts'
import { containerPut, engineOf, objectDelete, objectPut } from './engine/index.ts'

let cloud: TestCloud
const by = { userId: 'user-p1', projectId: 'p1', requestId: 'tx1' }
const [account, container, name] = ['p1', 'photos', '2026/first.jpg']

before(async () => {
  cloud = await startTestCloud()
  const engine = engineOf(cloud.platform)
  await containerPut(engine, { by, account, name: container })
  const draft = { contentType: 'image/jpeg', metadata: {}, system: {} }
  for (const one of [name, 'kept'])
    await objectPut(engine, {
      by,
      account,
      container,
      name: one,
      ...draft,
      body: await engine.blobs.take(Buffer.from('x'), { maxBytes: 9 }),
    })
  await objectDelete(engine, { by, account, container, name })
})
after(() => cloud.stop())

const why = (word: string) => cloud.request('GET', `/operations/why/${encodeURIComponent(word)}`, { as: 'admin@p1' })
const actions = (body: { timeline: { action: string }[] }) => body.timeline.map(({ action }) => action)

test('why tells of an object by path and by name, and of one that is gone by its path', async () => {
  for (const word of [`AUTH_p1/${container}/${name}`, `/v1/AUTH_p1/${container}/${name}`, `p1/${container}/${name}`]) {
    const gone = await why(word)
    assert.equal(gone.status, 200, `${word}: ${gone.text}`)
    assert.deepEqual(actions(gone.body), ['create', 'delete'])
    assert.deepEqual([gone.body.resource.type, gone.body.resource.project_id], ['object', 'p1'])
  }
  for (const word of ['kept', `${container}/kept`, `AUTH_p1/${container}/kept`])
    assert.deepEqual(actions((await why(word)).body), ['create'])
  assert.equal((await why(container)).body.resource.type, 'container')
  assert.equal((await why('AUTH_p1')).body.resource.type, 'account')
  const gone = await why(`${container}/${name}`)
  assert.deepEqual([gone.status, /its whole name, AUTH_PROJECT/.test(gone.text)], [404, true], gone.text)
})

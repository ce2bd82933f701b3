// Turns at the hashes: fair by address, then by account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue } from './hash-queue.ts'

/** Work that ends when told; notes the order in which it began. */
function scene(queue: FairQueue) {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const all: Promise<unknown>[] = []
  return {
    begun,
    ask(name: string, group: string, lane = 'x') {
      all.push(
        queue.run({ group, lane }, () => {
          begun.push(name)
          return new Promise<void>((resolve) => ends.push(resolve))
        }),
      )
    },
    async finish() {
      let done = false
      const finished = Promise.all(all).then(() => void (done = true))
      for (let index = 0; !done; index++) {
        ends[index]?.()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await finished
    },
  }
}

test('F13 an honest login is next in turn, however many of another address wait', async () => {
  const queue = new FairQueue({ atOnce: 1, waitingAtMost: 1000 })
  const { ask, begun, finish } = scene(queue)
  for (let index = 0; index < 40; index++) ask(`flood ${index}`, '192.0.2.1')
  ask('honest', '192.0.2.2')
  assert.equal(queue.waiting, 40)
  await finish()
  assert.equal(begun.indexOf('honest'), 2)
  assert.equal(queue.waiting, 0)
})

test('F13 of one address another account is next in turn, and each lane keeps its order', async () => {
  const queue = new FairQueue({ atOnce: 1, waitingAtMost: 1000 })
  const { ask, begun, finish } = scene(queue)
  for (let index = 0; index < 5; index++) ask(`guess ${index}`, 'a', 'admin')
  ask('honest', 'a', 'demo')
  await finish()
  assert.deepEqual(begun, ['guess 0', 'guess 1', 'honest', 'guess 2', 'guess 3', 'guess 4'])
})

test('F13 the line has an end: who comes later is told to come back', async () => {
  const queue = new FairQueue({ atOnce: 1, waitingAtMost: 2 })
  const { ask, finish } = scene(queue)
  for (let index = 0; index < 3; index++) ask(`${index}`, 'a')
  await assert.rejects(
    queue.run({ group: 'b', lane: 'x' }, async () => {}),
    /Too many logins/,
  )
  await finish()
})

test('work that fails gives its turn on', async () => {
  const queue = new FairQueue({ atOnce: 1, waitingAtMost: 2 })
  const place = { group: 'a', lane: 'x' }
  const failing = queue.run(place, async () => {
    throw new Error('no')
  })
  const next = queue.run(place, async () => 'yes')
  await assert.rejects(failing, /no/)
  assert.equal(await next, 'yes')
})

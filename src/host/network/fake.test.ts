// The fake network passes the same suite as the real one, remembers over a restart, and fails when fate says so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeWorld } from '../fake-world.ts'
import { memoryJournal } from '../journal.ts'
import { createTestClock } from '../../../test/support/test-clock.ts'
import { createFakeNetwork } from './fake.ts'
import { networkConformance } from './conformance.ts'
import { call, network, spec } from '../../../test/support/network-lab/specs.ts'

const world = (journal = memoryJournal()) => createFakeWorld({ journal, clock: createTestClock(), random: () => 0.5 })

networkConformance('fake', () => {
  const net = createFakeNetwork({ world: world() })
  return Promise.resolve({ net, [Symbol.asyncDispose]: () => net.removeAll() })
})

test('the fake network remembers its spec over a restart', async () => {
  const journal = memoryJournal()
  const wanted = spec({ networks: [network('n')] })
  await createFakeNetwork({ world: world(journal) }).apply(wanted, call())
  const again = createFakeNetwork({ world: world(journal) })
  assert.deepEqual(again.spec(), wanted)
  assert.equal((await again.list()).bridges.length, 1)
})

test('the fake network fails as fate says, and not when the host is away', async () => {
  const fate = { apply: 'fail-once:no luck' }
  const here = world()
  const net = createFakeNetwork({ world: here, fate: () => fate })
  await assert.rejects(net.apply(spec({}), call()), /no luck/)
  await net.apply(spec({}), call())
  here.goAway({ dead: false, forMs: null })
  await assert.rejects(net.apply(spec({}), call()), { code: 'unreachable' })
  await assert.rejects(net.list(), { code: 'unreachable' })
})

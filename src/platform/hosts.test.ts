// Asking many hosts: who fails or keeps silent is left out, and nobody waits for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Host } from '../contract/host.ts'
import { askHosts, HostRegistry } from './hosts.ts'
import { silentLog } from './log.ts'

function registry(names: string[]): HostRegistry {
  const hosts = new HostRegistry()
  for (const name of names) hosts.add({ name } as Host)
  return hosts
}

/** A clock whose only timer fires when the test says so. */
function stoppedClock() {
  const timers = new Set<() => void>()
  const after = (_ms: number, fn: () => void) => {
    timers.add(fn)
    return { cancel: () => void timers.delete(fn) }
  }
  return { clock: { nowMs: () => 0, after }, fire: () => timers.forEach((fn) => fn()), timers }
}

test('all hosts are asked, and one that fails is left out', async () => {
  const { clock, timers } = stoppedClock()
  const names = Array.from({ length: 100 }, (_, index) => `host${index}`)
  const answers = await askHosts({ hosts: registry(names), log: silentLog, clock }, names, async ({ name }) => {
    if (name === 'host7') throw new Error('no')
    return name.length
  })
  assert.equal(answers.size, 99)
  assert.equal(answers.get('host99'), 6)
  assert.equal(answers.has('host7'), false)
  assert.equal(timers.size, 0)
})

test('a host that keeps silent is abandoned, and its late answer counts no more', async () => {
  const { clock, fire } = stoppedClock()
  let answerLate: (value: string) => void = () => {}
  const ask = ({ name }: Host) =>
    name === 'silent' ? new Promise<string>((resolve) => void (answerLate = resolve)) : Promise.resolve(name)
  const asked = askHosts({ hosts: registry(['a', 'silent']), log: silentLog, clock }, ['a', 'gone', 'silent'], ask)
  fire()
  const answers = await asked
  answerLate('late')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([...answers], [['a', 'a']])
})

test('names are in order and follow who comes and goes', () => {
  const hosts = registry(['b', 'a'])
  assert.deepEqual(hosts.names(), ['a', 'b'])
  hosts.add({ name: '0' } as Host)
  hosts.remove('b')
  assert.deepEqual(hosts.names(), ['0', 'a'])
})

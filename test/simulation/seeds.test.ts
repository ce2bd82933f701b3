// The control plane under virtual time, crashes, lost messages and dead machines: no seed violates what must always be so.
// SIMULATION_SEEDS sets how many; `npm run simulate -- --seed N` replays one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './children.ts'

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 1_000)
/** clouds where everybody meets: more comes to the same few hosts */
const seedsOfFive = Math.ceil(seeds / 8)
const limitMs = 60_000 + seeds * 15_000

test('the same seed gives the same trace, also in a process that ran others before', { timeout: limitMs }, async () => {
  const small = ['--hosts', '4', '--operations', '100']
  const [one, other] = await Promise.all([simulate(['--seed', '7', ...small]), simulate(['--seed', '5', '--seeds', '3', ...small])])
  const trace = (output: string) => /^seed 7: .* trace \w+/m.exec(output)?.[0]
  assert.ok(trace(one.output), one.output)
  assert.equal(trace(one.output), trace(other.output))
})

/** What was found and mended, and must not come back. */
const found = [
  { name: 'an undo outlives an outage of its host', options: ['--seed', '10006', '--hosts', '5'] },
  { name: 'an undo outlives a full disk', options: ['--seed', '28', '--hosts', '5'] },
  { name: 'processes whose clocks differ by ten minutes agree on deadlines', options: ['--seed', '40', '--hosts', '5'] },
  { name: 'processes whose clocks were set one forward and one back agree on deadlines', options: ['--seed', '207', '--hosts', '5'] },
  {
    name: 'a port whose detachment failed is in its guest again, and a port that was deleted leaves its guest whatever the host says at first',
    options: ['--seed', '36', '--hosts', '5'],
  },
  {
    name: 'the part of an image that was deleted in the midst of its upload goes within two minutes',
    options: ['--seed', '328', '--hosts', '5'],
  },
]

for (const { name, options } of found) {
  test(name, { timeout: limitMs }, async () => {
    // as it was found: before there were objects
    const { code, output } = await simulate([...options, '--objects', '0'])
    assert.equal(code, 0, output)
  })
}

test('seeds that several processes share are all run, each once', { timeout: limitMs }, async () => {
  const { code, output } = await simulate(['--seeds', '5', '--jobs', '2', '--hosts', '3', '--operations', '20', '--objects', '20'])
  assert.equal(code, 0, output)
  assert.deepEqual([...output.matchAll(/^seed (\d+): 0 violations/gm)].map(([, seed]) => Number(seed)).sort(), [1, 2, 3, 4, 5])
})

test(`nothing is lost or stuck in ${seeds} clouds of twenty hosts and ${seedsOfFive} of five`, { timeout: limitMs }, async () => {
  for (const options of [
    ['--seed', '1', '--seeds', String(seeds)],
    ['--seed', '10001', '--seeds', String(seedsOfFive), '--hosts', '5'],
  ]) {
    const { code, output } = await simulate([...options, '--jobs', '2'])
    assert.equal(code, 0, output)
  }
})

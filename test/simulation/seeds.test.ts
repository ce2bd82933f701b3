// The control plane under virtual time, crashes, lost messages and dead machines: no seed violates what must always be so.
// SIMULATION_SEEDS sets how many of each kind; `npm run simulate -- --seed N` replays one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './children.ts'

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 6)
const limitMs = 60_000 + seeds * 15_000

test('the same seed gives the same trace', { timeout: limitMs }, async () => {
  const options = ['--seed', '7', '--hosts', '4', '--operations', '100']
  const [one, other] = await Promise.all([simulate(options), simulate(options)])
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
]

for (const { name, options } of found) {
  test(name, { timeout: limitMs }, async () => {
    const { code, output } = await simulate(options)
    assert.equal(code, 0, output)
  })
}

test(`nothing is lost or stuck in ${seeds} clouds of twenty hosts and ${2 * seeds} of five`, { timeout: limitMs }, async () => {
  const runs = await Promise.all([
    simulate(['--seed', '1', '--seeds', String(seeds)]),
    simulate(['--seed', '10001', '--seeds', String(2 * seeds), '--hosts', '5']),
  ])
  for (const { code, output } of runs) assert.equal(code, 0, output)
})

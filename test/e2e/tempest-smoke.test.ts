// The field's own suite, its smoke list, on a cloud with fake drivers. The whole lists are a proof (docs/proofs.md).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { conformance, runTempest } from '../support/tempest.ts'

const stackling = join(import.meta.dirname, '..', '..', 'stackling')
/** Pings a floating IP and logs in to the guest: fake guests do neither. */
const needGuests = new Set(['tempest.scenario.test_network_basic_ops.TestNetworkBasicOps.test_network_basic_ops'])

test('Tempest’s smoke list finds no fault', { timeout: 600_000 }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'tempest-smoke-'))
  const data = join(scratch, 'cloud')
  try {
    const up = spawnSync(stackling, ['up', '--detach', '--drivers', 'fake', '--data', data, '--listen', `127.0.0.1:${await freePort()}`], {
      encoding: 'utf8',
    })
    assert.equal(up.status, 0, up.stderr)
    const out = join(scratch, 'results')
    const counts = await runTempest({
      cloudsYaml: join(data, 'clouds.yaml'),
      lists: [join(conformance, 'lists', 'newest', 'tempest-smoke.txt')],
      out,
    })
    if ('missing' in counts) return t.skip(counts.missing)
    const rows = readFileSync(join(out, 'results.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
    const failed = rows.flatMap(([name = '', result, , reason]) =>
      result === 'failed' && !needGuests.has(name.replace(/\[.*/, '')) ? [`${name}: ${reason}`] : [],
    )
    assert.deepEqual(failed, [])
    assert.ok(counts.passed >= 85, `${counts.passed} passed`)
  } finally {
    spawnSync(stackling, ['down', '--data', data])
    rmSync(scratch, { recursive: true, force: true })
  }
})

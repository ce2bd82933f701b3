// Real faults on real drivers, in a lab of their own: processes that are killed or stopped, a tap that is deleted, a disk
// that is full, and at last the power of the whole machine. The story stands in real-telling.ts, which runs inside the
// lab and prints a line for each step; the machine after the power failure is a second lab.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../src/platform/log.ts'
import { guestImage } from '../../src/server/guest-image.ts'
import { openLab } from '../e2e/place.ts'
import { stepMark, type StepDone } from './steps.ts'

const limitMs = 600_000

test('faults of the machine: nothing lost, nothing left', { timeout: limitMs }, async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-faults-'))
  t.after(() => rmSync(scratch, { recursive: true, force: true }))
  // made here, outside the lab, which has no way to Debian's packages
  const image = await guestImage({ dataDir: scratch, drivers: 'real' }, silentLog)
  assert.ok(image, 'the guest image cannot be built here')
  await tell(t, 'before', [scratch, image.path])
  await tell(t, 'after', [scratch, image.path])
})

async function tell(t: TestContext, part: 'before' | 'after', words: string[]): Promise<void> {
  const place = await openLab()
  try {
    const told = await place.run([process.execPath, join(import.meta.dirname, 'real-telling.ts'), part, ...words], { timeoutMs: limitMs })
    const steps = told.stdout
      .split('\n')
      .flatMap((line) => (line.startsWith(stepMark) ? [JSON.parse(line.slice(stepMark.length)) as StepDone] : []))
    for (const { name, seconds, failure } of steps) {
      await t.test(name, (each) => {
        each.diagnostic(`${seconds} s`)
        if (failure !== null) assert.fail(failure)
      })
    }
    assert.equal(told.code, 0, told.stderr)
  } finally {
    await place.close()
  }
}

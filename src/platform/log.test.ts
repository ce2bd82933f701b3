import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from './log.ts'

test('F14: a log is turned over at its size while it is written, and what somebody sent is cut', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'stackling-log-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'stackling.log')
  const log = createLog({ level: 'info', destination: path, largestBytes: 100_000 })
  const turned = `${path}.1`
  for (let line = 0; line < 4000 && !existsSync(turned); line++) {
    log.info({ url: 'x'.repeat(100_000) }, 'a long one')
    await new Promise((resolve) => setTimeout(resolve, 1)) // it is written when the process has a moment
  }
  assert.ok(existsSync(turned), 'it was never turned over')
  assert.ok(statSync(turned).size < 200_000, `${statSync(turned).size}`)
  for (const line of readFileSync(turned, 'utf8').trim().split('\n')) assert.match(JSON.parse(line).url, /^x{2048}… \(100000 characters\)$/)
})

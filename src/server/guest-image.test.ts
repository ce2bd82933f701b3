import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { build } from './guest-image.ts'
import { until } from '../../test/support/until.ts'

/** A script that waits for ever for another program, as apt-get does behind a firewall that drops. */
function stuck(t: TestContext) {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-build-'))
  t.after(() => rmSync(scratch, { recursive: true }))
  const command = join(scratch, 'build')
  writeFileSync(command, '#!/bin/sh\nsh -c \'echo $$ >"$0"; sleep 1000; echo never\' "$1.pid"\n', { mode: 0o755 })
  const path = join(scratch, 'image')
  return {
    options: { command, path, packages: scratch },
    pid: () => (existsSync(`${path}.pid`) ? Number(readFileSync(`${path}.pid`, 'utf8')) : 0),
  }
}

const isThere = (pid: number) => existsSync(`/proc/${pid}`)

const gone = (pid: number) => until(() => !isThere(pid))

test('first use 8: an image that is abandoned, or takes too long, takes along all that its script started', async (t) => {
  const late = stuck(t)
  const { code, output } = await build({ ...late.options, timeoutMs: 500 })
  assert.notEqual(code, 0)
  assert.match(output, /E: it took longer than 0.5 s/)
  await gone(late.pid())

  const given = stuck(t)
  const stopping = new AbortController()
  const building = build({ ...given.options, signal: stopping.signal })
  await until(() => given.pid() !== 0)
  stopping.abort()
  assert.notEqual((await building).code, 0)
  await gone(given.pid())
})

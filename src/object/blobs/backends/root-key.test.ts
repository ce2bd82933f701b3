import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rootKeyRead } from './root-key.ts'

test('processes that make the root key at once all have the same one, and it is its owner’s alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stackling-key-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const keys = await Promise.all(Array.from({ length: 6 }, () => rootKeyRead(folder, randomBytes)))
  const path = join(folder, 'object-key')
  for (const key of [...keys, await rootKeyRead(folder, randomBytes)]) assert.deepEqual(key, readFileSync(path))
  assert.equal(keys[0]?.length, 32)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(folder), ['object-key'])
})

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemIds } from '../../platform/ids.ts'
import { fernetOpen, fernetSeal } from '../tokens/fernet.ts'
import { keysLoad, keysRotate } from './key-repository.ts'

const root = mkdtempSync(join(tmpdir(), 'keys-'))
after(() => rmSync(root, { recursive: true, force: true }))
const seal = (key: Buffer) => fernetSeal(Buffer.from('x'), { key, iv: systemIds.bytes(16), nowMs: 0 })

test('keys are made once, for the owner alone, and are the same at the next start', () => {
  const folder = join(root, 'made', 'token')
  const first = keysLoad(folder, systemIds)
  assert.deepEqual(readdirSync(folder).sort(), ['0', '1'])
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, '1')).mode & 0o777, 0o600)
  assert.deepEqual(keysLoad(folder, systemIds), first)
})

test('after a rotation older tokens still open; after enough of them they do not', () => {
  const folder = join(root, 'rotated')
  const before = keysLoad(folder, systemIds)
  const sealed = seal(before.primary)
  const staged = before.all.at(-1)
  const after1 = keysRotate(folder, systemIds)
  assert.deepEqual(after1.primary, staged)
  assert.ok(fernetOpen(sealed, after1.all))
  const after2 = keysRotate(folder, systemIds)
  assert.equal(after2.all.length, 3)
  assert.equal(fernetOpen(sealed, after2.all), null)
})

test('a token sealed with the staged key of one process opens in another that rotated later', () => {
  const folder = join(root, 'two')
  const slow = keysLoad(folder, systemIds)
  const quick = keysRotate(folder, systemIds)
  assert.ok(fernetOpen(seal(quick.primary), slow.all))
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createGuestUsers, storedRange } from './guest-users.ts'
import { memoryJournal } from './journal.ts'
import { claimRange, type UidRange } from './uid-ranges.ts'

test('F10: two clouds on one machine never share a range; one that was moved keeps it, a copy gets another', (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-uids-'))
  t.after(() => rmSync(scratch, { recursive: true }))
  const list = join(scratch, 'list', 'uid-ranges.json')
  const held = new Map<string, UidRange>()
  const holds = (dataDir: string, range: UidRange) => held.get(dataDir)?.start === range.start
  const up = (dataDir: string) => {
    const range = claimRange({ dataDir, stored: held.get(dataDir), holds, list })
    held.set(dataDir, range)
    return range
  }
  const one = up('/a')
  const other = up('/b')
  assert.ok(one.start + one.count <= other.start || other.start + other.count <= one.start)
  assert.deepEqual([up('/a'), up('/b')], [one, other])

  held.set('/moved', one)
  held.delete('/a')
  assert.deepEqual(up('/moved'), one)
  held.set('/copy', one)
  assert.notEqual(up('/copy').start, one.start)
  held.delete('/b')
  assert.deepEqual(up('/new'), other, 'what nobody holds any more is given again')
})

test('F10: a range in which something still runs is not given again', { skip: process.getuid?.() === 0 ? false : 'needs root' }, (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-uids-'))
  t.after(() => rmSync(scratch, { recursive: true }))
  const list = join(scratch, 'uid-ranges.json')
  const claim = () => claimRange({ dataDir: '/gone', stored: undefined, holds: () => false, list })
  const { start } = claim()
  const left = spawn('sleep', ['1000'], { uid: start + 20, gid: start + 20 })
  t.after(() => left.kill())
  assert.notEqual(claim().start, start)
})

test('F10: each guest has a user of its own, kept over a restart; a number comes again only after all others', () => {
  const journal = memoryJournal()
  const range = { start: 1000, count: 20 }
  const users = createGuestUsers(range, journal)
  const [a, b] = [users.of('a'), users.of('b')]
  assert.equal(new Set([users.tools?.uid, users.bases?.gid, a?.uid, b?.uid]).size, 4)
  assert.deepEqual(createGuestUsers(range, journal).of('a'), a)
  users.forget('a')
  assert.notEqual(users.of('c')?.uid, a?.uid)
  assert.throws(() => ['d', 'e'].map((id) => users.of(id)?.uid).concat(users.of('f')?.uid), /no user id left/)
  const elsewhere = createGuestUsers({ start: 5000, count: 20 }, journal)
  assert.equal(storedRange(journal)?.start, 5000)
  assert.ok((elsewhere.of('b')?.uid ?? 0) >= 5000)
})

test('F10: a list that several processes write at once gives nothing twice', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'stackling-uids-'))
  t.after(() => rmSync(scratch, { recursive: true }))
  mkdirSync(join(scratch, 'list'))
  const list = join(scratch, 'list', 'uid-ranges.json')
  const claim = async (dataDir: string) => {
    const code = `import { claimRange } from ${JSON.stringify(join(import.meta.dirname, 'uid-ranges.ts'))}
      console.log(claimRange({ dataDir: ${JSON.stringify(dataDir)}, stored: undefined, holds: () => true, list: ${JSON.stringify(list)} }).start)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (piece: Buffer) => void (text += piece.toString()))
    await once(child, 'close')
    return Number(text)
  }
  const starts = await Promise.all(['/a', '/b', '/c', '/d'].map(claim))
  assert.equal(new Set(starts).size, 4)
})

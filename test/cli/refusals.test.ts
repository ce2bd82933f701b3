// When `up` cannot go on it says one line that tells a person what to do, and ends with a code that is not 0.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { openUserPlace, run, type Place } from '../e2e/place.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

function scratch(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'stackling-cli-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Runs `up`, which must refuse with one line that matches; in the foreground and detached. */
async function refuses(words: string[], line: RegExp, place?: Place): Promise<void> {
  for (const way of [[], ['--detach']]) {
    const ran = await run([...(place?.prefix ?? []), process.execPath, main, 'up', ...words, ...way])
    assert.equal(ran.code, 1, ran.stdout + ran.stderr)
    assert.match(ran.stderr, line)
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr)
  }
}

test('a port in use', async (t) => {
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  t.after(() => holder.close())
  const { port } = holder.address() as { port: number }
  await refuses(['--data', scratch(t), '--drivers', 'fake', '--listen', `127.0.0.1:${port}`], /^stackling: the address is in use.*--listen/)
})

test('an address that the machine does not have', async (t) => {
  await refuses(
    ['--data', scratch(t), '--drivers', 'fake', '--listen', '192.0.2.1:9000'],
    /^stackling: this machine does not have the address/,
  )
})

test('data of a newer version', async (t) => {
  const dir = scratch(t)
  const db = new DatabaseSync(join(dir, 'stackling.db'))
  db.exec(
    "create table kysely_migration (name text primary key, timestamp text); insert into kysely_migration values ('compute-9999-tomorrow', '')",
  )
  db.close()
  await refuses(['--data', dir, '--drivers', 'fake', '--listen', '127.0.0.1:47391'], /^stackling: the data was made by a newer version/)
})

test('a data directory that is a file', async (t) => {
  const path = join(scratch(t), 'file')
  writeFileSync(path, '')
  await refuses(['--data', path, '--drivers', 'fake'], /^stackling: .*is a file where a directory is needed/)
})

test('real drivers without root', async (t) => {
  await refuses(
    ['--data', scratch(t), '--drivers', 'real'],
    /^stackling: real drivers cannot be used: .*need root.*--drivers fake/,
    openUserPlace(),
  )
})

test('a data directory that may not be written', async (t) => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'closed'), { mode: 0o555 })
  await refuses(['--data', join(dir, 'closed', 'data'), '--drivers', 'fake'], /^stackling: no permission for .*closed/, openUserPlace())
})

test('a full disk', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async (t) => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'small'))
  const inside = `mount -t tmpfs -o size=8m tmpfs ${dir}/small && exec "$0" "$@"`
  const place: Place = {
    prefix: ['unshare', '--mount', 'sh', '-c', inside],
    run: (words) => run(words),
    processes: () => [],
    close: async () => {},
  }
  await refuses(
    ['--data', join(dir, 'small', 'data'), '--drivers', 'fake'],
    /^stackling: the disk that holds .* has only \d+ MiB left/,
    place,
  )
})

test('an unknown command or option is answered with what there is', async () => {
  const ran = await run([process.execPath, main, 'upp'])
  assert.notEqual(ran.code, 0)
  assert.match(ran.stderr, /unknown command 'upp'/)
  const bad = await run([process.execPath, main, 'up', '--drivers', 'maybe'])
  assert.notEqual(bad.code, 0)
  assert.match(bad.stderr, /real or fake/)
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { pagesOfRoom, roomKeep } from './sqlite-room.ts'

function opened(t: TestContext): { path: string; raw: DatabaseSync } {
  const dir = mkdtempSync(join(tmpdir(), 'sqlite-room-'))
  const path = join(dir, 'some.db')
  const raw = new DatabaseSync(path)
  t.after(() => {
    raw.close()
    rmSync(dir, { recursive: true })
  })
  raw.exec('pragma journal_mode = wal; create table things (id text)')
  return { path, raw }
}

const pragma = (raw: DatabaseSync, name: string) => Number(Object.values(raw.prepare(`pragma ${name}`).get() ?? {})[0])

test('a database has free pages and a log of full length, and does not grow by opening it again', (t) => {
  const { path, raw } = opened(t)
  roomKeep(raw)
  assert.ok(pragma(raw, 'freelist_count') >= pagesOfRoom)
  assert.ok(statSync(`${path}-wal`).size > 4_000_000)
  const pages = pragma(raw, 'page_count')
  roomKeep(raw)
  assert.equal(pragma(raw, 'page_count'), pages)
})

test('rows fill the room before the file grows', (t) => {
  const { raw } = opened(t)
  roomKeep(raw)
  const pages = pragma(raw, 'page_count')
  raw.prepare('insert into things values (?)').run('x'.repeat(900_000))
  assert.equal(pragma(raw, 'page_count'), pages)
})

test('what a process left that died while it made room is taken away', (t) => {
  const { raw } = opened(t)
  raw.exec('create table room as select zeroblob(100000) as bytes')
  roomKeep(raw)
  assert.equal(raw.prepare("select count(*) as n from sqlite_schema where name = 'room'").get()?.['n'], 0)
})

test('a database on a full disk is opened as it is', (t) => {
  const { raw } = opened(t)
  raw.exec(`pragma max_page_count = ${pragma(raw, 'page_count') + 5}`)
  roomKeep(raw)
  raw.prepare('insert into things values (?)').run('still works')
})

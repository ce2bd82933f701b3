import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Complaint } from './complaint.ts'
import { dataDir } from './data-dir.ts'
import { rememberDatabase, seeThatDatabaseIsNamed } from './database-option.ts'

test('a directory whose rows are in PostgreSQL starts with that only, and keeps no password of it', () => {
  const dir = dataDir(mkdtempSync(join(tmpdir(), 'database-')))
  try {
    seeThatDatabaseIsNamed(dir, undefined) // a new directory: SQLite
    const url = 'postgres://stackling:p@ss@db.example:5432/cloud?password=secret'
    seeThatDatabaseIsNamed(dir, url)
    rememberDatabase(dir, url)
    assert.equal(readFileSync(join(dir.path, 'database'), 'utf8'), 'postgres://db.example:5432/cloud\n')
    seeThatDatabaseIsNamed(dir, url)
    assert.throws(
      () => seeThatDatabaseIsNamed(dir, undefined),
      (error) => error instanceof Complaint && /are in postgres:\/\/db\.example:5432\/cloud: name that with --database/.test(error.message),
    )
  } finally {
    rmSync(dir.path, { recursive: true, force: true })
  }
})

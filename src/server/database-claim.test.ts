import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestCloud } from '../../test/support/cloud.ts'
import { explain } from '../cli/complaint.ts'
import { systemIds } from '../platform/ids.ts'
import { databaseClaim } from './database-claim.ts'
import { settingSet } from './settings.ts'

test('a database has one data directory: another is refused in words for people, a copy of the same is not', async (t) => {
  const cloud = await startTestCloud()
  const dirs = mkdtempSync(join(tmpdir(), 'claim-'))
  t.after(async () => {
    await cloud.stop()
    rmSync(dirs, { recursive: true })
  })
  const make = () => mkdtempSync(join(dirs, 'data-'))
  const { db } = cloud.systemContext()
  const claim = (dataDir: string, isNew = true) => databaseClaim(db, { dataDir, machine: 'one', isNew, ids: systemIds })
  const [first, second, copy] = [make(), make(), join(dirs, 'copy')]
  await claim(first)
  await claim(first, false)
  cpSync(first, copy, { recursive: true })
  await claim(copy, false)
  for (const isNew of [true, false]) {
    await assert.rejects(claim(second, isNew), (error) => {
      assert.match(
        explain(error) ?? '',
        new RegExp(`^the rows in the database are of the data directory ${first} of one, not of ${second}: name that`),
      )
      return true
    })
  }
})

test('rows of a version that noted nothing are an old directory’s, never a new one’s', async (t) => {
  const cloud = await startTestCloud()
  const dataDir = mkdtempSync(join(tmpdir(), 'claim-'))
  t.after(async () => {
    await cloud.stop()
    rmSync(dataDir, { recursive: true })
  })
  const { db } = cloud.systemContext()
  await settingSet(db, 'bootstrap', 'done')
  await assert.rejects(databaseClaim(db, { dataDir, machine: 'one', isNew: true, ids: systemIds }), { name: 'OtherDataDirectoryError' })
  await databaseClaim(db, { dataDir, machine: 'one', isNew: false, ids: systemIds })
})

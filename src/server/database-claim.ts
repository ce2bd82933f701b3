// A database outside of the data directory holds the rows of one directory: whose passwords, keys, images and disks they name. Another
// directory's cloud on it would log nobody in and lose its guests, so that it is refused before any of it runs.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ids } from '../platform/ids.ts'
import type { Db } from '../platform/store/store.ts'
import { writeKept } from './kept-file.ts'
import { settingFetch, settingSet } from './settings.ts'

/** Its message is for people: see cli/complaint.ts. */
class OtherDataDirectoryError extends Error {
  constructor(dataDir: string, whose: string) {
    super(
      `the rows in the database are of ${whose}, not of ${dataDir}: name that directory with --data (or copy it whole to where it is now), or name another database`,
    )
    this.name = 'OtherDataDirectoryError'
  }
}

const file = 'cloud-id'
const setting = 'data-directory'

/** Notes whose the rows are; OtherDataDirectoryError when they are another directory's. `isNew`: this one was never used before. */
export async function databaseClaim(
  db: Db,
  { dataDir, machine, isNew, ids }: { dataDir: string; machine: string; isNew: boolean; ids: Ids },
): Promise<void> {
  const noted = await settingFetch(db, setting)
  if (noted === undefined) {
    // a version that noted nothing began here
    if (isNew && (await settingFetch(db, 'bootstrap')) === 'done') throw new OtherDataDirectoryError(dataDir, 'another data directory')
    await settingSet(db, setting, JSON.stringify({ id: cloudId(dataDir, ids), dataDir, machine }))
    return
  }
  const owner = JSON.parse(noted) as { id: string; dataDir: string; machine: string }
  if (owner.id !== cloudId(dataDir, ids))
    throw new OtherDataDirectoryError(dataDir, `the data directory ${owner.dataDir} of ${owner.machine}`)
}

/** What tells this directory from any other, and goes along when it is copied. */
function cloudId(dataDir: string, ids: Ids): string {
  const path = join(dataDir, file)
  if (!existsSync(path)) writeKept(path, `${ids.uuid()}\n`)
  return readFileSync(path, 'utf8').trim()
}

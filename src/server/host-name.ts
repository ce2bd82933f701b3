// The name of the host that a data directory is: kept in it from the first start on, so that a machine that is renamed, or
// a directory that is moved to another one, stays the host that its servers and volumes are on.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeKept } from './kept-file.ts'

const file = 'host-name'

export interface HostNaming {
  dataDir: string
  /** how the machine is called now */
  machine: string
  /** the directory was used before, by a version that kept no name */
  isOld: boolean
  /** several machines share the database */
  isShared: boolean
  /** the hosts that rows know, the oldest first */
  known(): Promise<string[]>
}

/** The kept name; of a directory without one, the name that its rows know or, when it is new, the machine's. */
export async function hostName({ dataDir, machine, isOld, isShared, known }: HostNaming): Promise<string> {
  const path = join(dataDir, file)
  if (existsSync(path)) return readFileSync(path, 'utf8').trim()
  const name = isOld ? fromRows(await known(), { machine, isShared }) : machine
  writeKept(path, `${name}\n`)
  return name
}

/** One machine's rows hold others only since a rename: the oldest is the one that things are on. */
function fromRows(known: string[], { machine, isShared }: { machine: string; isShared: boolean }): string {
  const [oldest = machine] = known
  if (!isShared) return oldest
  return known.length === 1 ? oldest : machine
}

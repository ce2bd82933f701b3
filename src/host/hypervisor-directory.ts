// What guests' processes need of the data directory stands in one of its own, through which others may pass: guests, their
// base images, their volumes. Everything beside it is closed, and guests reach the rest of it by relative paths only.
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const name = 'hypervisor'
const parts = ['guests', 'bases', 'volumes']

/** Makes it, and moves there what an earlier version had beside the database; a running guest goes along, it holds its directory. */
export function openHypervisorDirectory(dataDir: string): string {
  const directory = join(dataDir, name)
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o711)
  for (const part of parts) {
    const path = join(directory, part)
    if (existsSync(join(dataDir, part)) && !existsSync(path)) renameSync(join(dataDir, part), path)
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o711)
  }
  return directory
}

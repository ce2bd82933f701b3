// What a guest's directory says about it: one JSON file, replaced atomically and on disk before the call goes on.
import { readFileSync } from 'node:fs'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuestPower, GuestSpec } from '../../contract/guests.ts'
import { writeDurably as replaceDurably } from '../../platform/durable-file.ts'
import { fileFailure } from '../tools.ts'
import type { Machine } from './machine.ts'

export interface GuestState {
  /** the spec that was applied last, without what may hold secrets */
  spec: Omit<GuestSpec, 'configDrive'>
  /** as it was started and changed since; null before the first start */
  machine: Machine | null
  /** the power that the host left it in */
  power: GuestPower
  /** images that its disks stand on */
  imageIds: string[]
  fault: string | null
  /** it was shut down because its host was */
  endedWithHost?: boolean
  /** the machine's boot in which its process was started */
  bootId?: string
}

/** Which boot of the machine this is. */
export const machineBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

const file = 'state.json'

/** null: there is none (the guest was never finished). */
export async function readState(dir: string): Promise<GuestState | null> {
  try {
    return JSON.parse(await readFile(join(dir, file), 'utf8')) as GuestState
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export async function writeState(dir: string, state: GuestState): Promise<void> {
  await writeDurably(join(dir, file), JSON.stringify(state))
}

/** Replaces a file so that after power loss there is the old one or the new one. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  try {
    await replaceDurably(path, content)
  } catch (error) {
    throw fileFailure(error)
  }
}

/** A directory that others may pass through but not list. */
export async function makeDirectory(path: string, mode = 0o711): Promise<void> {
  await mkdir(path, { recursive: true })
  await chmod(path, mode) // whatever the umask
}

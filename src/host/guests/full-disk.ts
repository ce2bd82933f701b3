// Guests that QEMU paused because the file system under their disks was full: they go on, with the write that they were in,
// once there is room again. Nobody asked for the pause, so nobody needs to ask for its end.
import { statfs } from 'node:fs/promises'
import { diskIsFull, type LiveGuest } from './engine.ts'
import { proceed } from './power.ts'

/** less room would be used up at once */
const leastFreeBytes = 64 * 2 ** 20

export const waitsForRoom = (guest: LiveGuest | undefined): guest is LiveGuest =>
  guest?.fault === diskIsFull && guest.runState !== 'running'

export async function hasRoom(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize >= leastFreeBytes
}

/** Lets the guest go on; true when it did. */
export async function goOn(guest: LiveGuest | undefined): Promise<boolean> {
  if (!waitsForRoom(guest)) return false
  await proceed(guest)
  return true
}

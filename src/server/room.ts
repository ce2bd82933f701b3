// How much room there is under a data directory: where guests' disks, volumes, images and rows lie.
import { statfsSync } from 'node:fs'

export interface Room {
  freeBytes: number
  totalBytes: number
}

/** Paused guests go on when there is so much again: host/guests/full-disk.ts. */
export const fullBytes = 64 * 2 ** 20
export const nearlyFullBytes = 2 ** 30

export function roomOf(dataDir: string): Room {
  const { bavail, blocks, bsize } = statfsSync(dataDir)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

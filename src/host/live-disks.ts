// What a volume driver asks of a disk that a running guest has open: only QEMU may change such a file. The QEMU driver
// answers; where nobody has the file open the volume driver works on it itself.
import type { Call } from '../contract/call.ts'
import type { DiskFile } from './disk-image.ts'

export interface LiveDisk {
  resize(sizeBytes: number): Promise<void>
  /** makes or deletes a snapshot inside the file, at one moment */
  snapshot(name: string): Promise<void>
  removeSnapshot(name: string): Promise<void>
  /** copies the disk as it is now into an empty image of its size */
  copyTo(target: DiskFile, call: Call): Promise<void>
}

export interface LiveDisks {
  /** Works on the disk while its guest stands still for everybody else; undefined when no running guest has the file open. */
  use<T>(path: string, work: (disk: LiveDisk) => Promise<T>): Promise<{ result: T } | undefined>
}

/** For hosts whose guests are not processes. */
export const noLiveDisks: LiveDisks = { use: async () => undefined }

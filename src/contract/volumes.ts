// What control asks of a host's volumes.
import type { Readable } from 'node:stream'
import type { Call } from './call.ts'

export interface VolumeConnection {
  driver: 'file' | 'fake'
  path: string
  format: 'qcow2' | 'raw'
}

/** Where a host's volumes lie. */
export interface VolumePool {
  totalGib: number
  freeGib: number
}

export type VolumeSource =
  | { kind: 'blank' }
  | { kind: 'image'; imageId: string }
  | { kind: 'volume'; volumeId: string }
  | { kind: 'snapshot'; volumeId: string; snapshotId: string }

/** A disk image in the pool that is no volume: somebody put it there, or it was one and was unmanaged. */
export interface PoolFile {
  reference: string
  /** whole GiB that it needs as a volume */
  sizeGib: number
  /** why it cannot become one; null: it can */
  fault: string | null
}

/** A snapshot in a volume's file that is none of the volume's. */
export interface PoolSnapshot {
  volumeId: string
  name: string
  sizeGib: number
}

export interface Volumes {
  create(spec: { volumeId: string; sizeGib: number; source: VolumeSource; fate: Record<string, string> }, call: Call): Promise<void>
  remove(volumeId: string, call: Call): Promise<void>
  /** Grows the volume, also one that a guest has; every guest that has it sees it at the latest with its next Guests.apply. */
  extend(volumeId: string, sizeGib: number, call: Call): Promise<void>
  snapshot(volumeId: string, snapshotId: string, call: Call): Promise<void>
  removeSnapshot(volumeId: string, snapshotId: string, call: Call): Promise<void>
  /** The snapshot's content becomes the volume's content again; a volume that has grown since keeps its size. */
  revert(volumeId: string, snapshotId: string, call: Call): Promise<void>
  /**
   * The source's content in place of the volume's; its size, its snapshots and who may write stay. Refused with 'conflict'
   * while a guest runs with it. Once it has begun there is no way back to what the volume held.
   */
  rewrite(volumeId: string, source: Exclude<VolumeSource, { kind: 'blank' | 'volume' }>, call: Call): Promise<void>
  /** The volume's bytes as an image. */
  read(volumeId: string, diskFormat: 'raw' | 'qcow2', call: Call): Promise<{ stream: Readable; sizeBytes: number }>
  /**
   * Hands the volume to one writer. The same attachment may ask again; another one is refused with 'conflict' while
   * the first holds it. Without an attachment's id all callers count as one.
   */
  connect(volumeId: string, call: Call, attachmentId?: string): Promise<VolumeConnection>
  /** Fine when it was not connected; another attachment's connection stays. */
  disconnect(volumeId: string, call: Call, attachmentId?: string): Promise<void>
  /** What the pool holds that is neither a volume nor a snapshot of one. */
  strangers(): Promise<{ files: PoolFile[]; snapshots: PoolSnapshot[] }>
  /** The file becomes the volume, which is as large as it must be; the file is gone then. */
  adopt(spec: { volumeId: string; reference: string; fate: Record<string, string> }, call: Call): Promise<{ sizeGib: number }>
  /** The volume, which nobody has and which has no snapshots of ours, becomes a file of the pool; fine when it is gone. */
  release(volumeId: string, reference: string, call: Call): Promise<void>
  /** A snapshot of this name in the volume's file becomes the volume's. */
  adoptSnapshot(volumeId: string, snapshot: { snapshotId: string; name: string }, call: Call): Promise<void>
  /** The snapshot stays in the volume's file, and is no longer the volume's; fine when it is none. */
  releaseSnapshot(volumeId: string, snapshotId: string, call: Call): Promise<void>
  /** `attachmentId`: who may write now; '' when callers count as one, null when nobody may */
  list(): Promise<{ volumeId: string; sizeGib: number; snapshotIds: string[]; attachmentId: string | null }[]>
  capacity(): Promise<VolumePool>
}

// What control asks of a host's cache of images, and where the host gets them from.
import type { Readable } from 'node:stream'
import type { Call } from './call.ts'

/** The formats, by Glance's names, that a disk is made from; others than raw and qcow2 by conversion. */
export const diskImageFormats = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx', 'iso'] as const
export type DiskImageFormat = (typeof diskImageFormats)[number]
export const isDiskImageFormat = (format: string | null): format is DiskImageFormat => diskImageFormats.some((known) => known === format)

/** Where a host gets an image that it does not hold yet: control's image store. */
export interface ImageSource {
  /** rejects with HostError 'not_found' when there is no such active image; `virtualSizeBytes`: of the disk in it, as control found it */
  open(imageId: string): Promise<{
    stream: Readable
    sizeBytes: number
    diskFormat: DiskImageFormat
    hashAlgorithm: string
    hashValue: string
    virtualSizeBytes?: number | null
  }>
}

export interface ImageCache {
  /** Path of the verified, inspected base image in the cache, fetched (and converted, when it is neither raw nor qcow2) when it is missing (once, however many ask). */
  ensure(imageId: string, call: Call): Promise<{ path: string; format: 'raw' | 'qcow2'; virtualSizeBytes: number }>
  /** what it holds, and for how long nobody has asked for it */
  list(): Promise<{ imageId: string; idleMs: number }[]>
  /** Forgets these images, but those that a disk stands on or is about to: which are left. */
  forget(imageIds: string[]): Promise<string[]>
}

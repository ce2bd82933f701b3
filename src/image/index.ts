// The face of the image domain: the only file of it that others import.
import type { Readable } from 'node:stream'
import type { ImageSource } from '../host/contract.ts'
import type { Domain } from '../platform/api/operation.ts'
import type { Context, Platform } from '../platform/context.ts'

/** What other domains may know of an image; `properties` are the additional ones (hw_…, os_…, kernel_id). */
export interface ImageFacts {
  id: string
  name: string | null
  projectId: string | null
  status: 'queued' | 'saving' | 'uploading' | 'importing' | 'active' | 'deactivated' | 'killed'
  visibility: 'public' | 'private' | 'shared' | 'community'
  diskFormat: string | null
  containerFormat: string | null
  sizeBytes: number | null
  virtualSizeBytes: number | null
  minDiskGib: number
  minRamMib: number
  protected: boolean
  checksum: string | null
  hashAlgorithm: string | null
  hashValue: string | null
  createdAt: string
  updatedAt: string
  tags: string[]
  properties: Record<string, string>
}

export interface NewImage {
  /** made by the caller when it must be known before */
  id?: string
  name: string
  diskFormat: 'raw' | 'qcow2'
  containerFormat?: string
  visibility?: ImageFacts['visibility']
  minDiskGib?: number
  minRamMib?: number
  protected?: boolean
  tags?: string[]
  properties?: Record<string, string>
}

/** The image, if this actor may see it; else 404. */
export async function imageGet(_ctx: Context, _id: string): Promise<ImageFacts> {
  throw new Error('not yet')
}
/** Images by id, as the cloud sees them (no policy): for views that show many; unknown ids are left out. */
export async function imagesByIds(_ctx: Context, _ids: string[]): Promise<Map<string, ImageFacts>> {
  throw new Error('not yet')
}
/** An active image's bytes. */
export async function imageOpen(_ctx: Context, _id: string): Promise<{ stream: Readable; image: ImageFacts }> {
  throw new Error('not yet')
}
/** A queued image in the actor's project, in the caller's transaction when in one (quota counted). */
export async function imageReserve(_tx: Context, _image: NewImage): Promise<ImageFacts> {
  throw new Error('not yet')
}
/** Streams data into a queued image and makes it active; a failure leaves it queued and nothing on disk. Never inside a transaction. */
export async function imageUpload(_ctx: Context, _id: string, _stream: Readable): Promise<ImageFacts> {
  throw new Error('not yet')
}
/** Deletes the image for the cloud (undo of imageReserve, a failed snapshot); fine when it is gone. */
export async function imageRemove(_ctx: Context, _id: string): Promise<void> {
  throw new Error('not yet')
}
/** Where hosts fetch images from. */
export function imageSource(_platform: Platform): ImageSource {
  throw new Error('not yet')
}
/** The first image of a new cloud: uploads the file as a public image if no image of that name exists. Returns its id. */
export async function imageBootstrap(_ctx: Context, _image: { name: string; path: string; diskFormat: 'raw' | 'qcow2'; properties?: Record<string, string> }): Promise<string> {
  throw new Error('not yet')
}

export const domain: Domain = { name: 'image', migrations: {}, policy: {}, services: [], work: [] }

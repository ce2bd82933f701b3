// What other domains and hosts use images by; exported by index.ts.
import type { Readable } from 'node:stream'
import { type ImageSource, diskImageFormats, isDiskImageFormat } from '../contract/images.ts'
import { HostError } from '../contract/call.ts'
import { openLocalFile } from '../platform/bytes/local-file.ts'
import { Context, type Platform } from '../platform/context.ts'
import { conflict } from '../platform/errors.ts'
import { imageDataFill, imageDataOpen, imageForDownload } from './data.ts'
import { imageCreate, imageGetFull, imageOf, type Image, type ImageStatus, type ImageVisibility } from './images.ts'
import { imageRows, imagesComplete, imagesFetch } from './store/images.ts'

/** What other domains may know of an image; `properties` are the additional ones (hw_…, os_…, kernel_id). */
export interface ImageFacts {
  id: string
  name: string | null
  projectId: string | null
  status: ImageStatus
  visibility: ImageVisibility
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
  visibility?: ImageVisibility
  minDiskGib?: number
  minRamMib?: number
  protected?: boolean
  tags?: string[]
  properties?: Record<string, string>
}

const facts = (image: Image): ImageFacts => ({
  id: image.id,
  name: image.name,
  projectId: image.project_id,
  status: image.status,
  visibility: image.visibility,
  diskFormat: image.disk_format,
  containerFormat: image.container_format,
  sizeBytes: image.size,
  virtualSizeBytes: image.virtual_size,
  minDiskGib: image.min_disk,
  minRamMib: image.min_ram,
  protected: image.protected,
  checksum: image.checksum,
  hashAlgorithm: image.os_hash_algo,
  hashValue: image.os_hash_value,
  createdAt: image.created_at,
  updatedAt: image.updated_at,
  tags: image.tags,
  properties: Object.fromEntries(Object.entries(image.properties).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))),
})

/** The image, if this actor may see it; else 404. */
export const imageGet = async (ctx: Context, id: string): Promise<ImageFacts> => facts(await imageGetFull(ctx, id, 'get_image'))

/** Images by id, as the cloud sees them (no policy): for views that show many; unknown ids are left out. */
export async function imagesByIds(ctx: Context, ids: string[]): Promise<Map<string, ImageFacts>> {
  return new Map((await imagesFetch(ctx.db, ids)).map((image) => [image.id, facts(image)]))
}

/** An active image's bytes, for an actor who may download it. */
export async function imageOpen(ctx: Context, id: string): Promise<{ stream: Readable; image: ImageFacts }> {
  const row = await imageForDownload(ctx, id)
  if (!row) throw conflict(`Image ${id} is not active.`)
  const [image] = await imagesComplete(ctx.db, [row])
  return { stream: await imageDataOpen(ctx, row), image: facts(image as Image) }
}

/** A queued image in the actor's project, in the caller's transaction when in one (quota counted). */
export async function imageReserve(tx: Context, image: NewImage): Promise<ImageFacts> {
  const made = await imageCreate(tx, {
    id: image.id,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat ?? 'bare',
    visibility: image.visibility,
    min_disk: image.minDiskGib,
    min_ram: image.minRamMib,
    protected: image.protected,
    tags: image.tags,
    properties: image.properties ?? {},
  })
  return facts(made)
}

/**
 * Streams data into an image that an accepted request reserved, and makes it active; a failure leaves it queued and nothing on disk. For
 * work: no permission is asked. Never inside a transaction.
 */
export async function imageUploadAccepted(ctx: Context, id: string, stream: Readable): Promise<ImageFacts> {
  await imageDataFill(ctx, id, stream)
  return facts((await imageOf(ctx, id)) as Image)
}

const noDiskOf = (id: string, format: string | null) =>
  `Image ${id} is unacceptable: disks are made from ${diskImageFormats.join(', ')}, this one is ${format ?? 'without a format'}.`

/** Why no disk can be made from the image, for its user to read; null: one can. */
export const whyNoDisk = ({ id, diskFormat }: Pick<ImageFacts, 'id' | 'diskFormat'>): string | null =>
  isDiskImageFormat(diskFormat) ? null : noDiskOf(id, diskFormat)

/** Where hosts fetch images from. */
export function imageSource(platform: Platform): ImageSource {
  return {
    async open(imageId) {
      const ctx = Context.ofCloud(platform, 'a host fetches the image of a guest or volume that was accepted', 'req-image-source')
      const row = await imageRows.fetch(ctx.db, imageId)
      if (!row || (row.status !== 'active' && row.status !== 'deactivated'))
        throw new HostError('not_found', `There is no active image ${imageId}.`)
      const { disk_format, size, virtual_size, os_hash_algo, os_hash_value } = row
      if (!isDiskImageFormat(disk_format)) throw new HostError('bad_image', noDiskOf(row.id, disk_format))
      const stream = await imageDataOpen(ctx, row)
      return {
        stream,
        sizeBytes: size ?? 0,
        diskFormat: disk_format,
        hashAlgorithm: os_hash_algo ?? 'sha512',
        hashValue: os_hash_value ?? '',
        virtualSizeBytes: virtual_size,
      }
    },
  }
}

/** The first image of a new cloud: uploads the file as a public image if no image of that name is active. Returns its id. */
export async function imageBootstrap(
  ctx: Context,
  image: { name: string; path: string; diskFormat: 'raw' | 'qcow2'; properties?: Record<string, string> },
): Promise<string> {
  const known = await imageRows.first(ctx.db, { name: image.name, visibility: 'public' })
  if (known?.status === 'active') return known.id
  const id = known?.status === 'queued' ? known.id : (await imageReserve(ctx, { ...image, visibility: 'public' })).id
  await imageDataFill(ctx, id, await openLocalFile(image.path))
  return id
}

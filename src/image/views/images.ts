// Image → what Glance shows; additional properties stand beside the attributes.
import { pagePaths } from '../../platform/api/list.ts'
import type { Image } from '../images.ts'
import { defaultStore } from '../stores.ts'

/** 2026-11-22T20:13:50Z from the row's milliseconds. */
export const seconds = (iso: string): string => `${iso.slice(0, 19)}Z`

/** Glance shows these of an image that was imported, for a client that waits for its end. */
const importOf = ({ status, failed_import }: Image) =>
  failed_import === null
    ? {}
    : { os_glance_importing_to_stores: status === 'importing' ? defaultStore : '', os_glance_failed_import: failed_import }

export const imageView = (image: Image) => ({
  ...image.properties,
  ...importOf(image),
  name: image.name,
  disk_format: image.disk_format,
  container_format: image.container_format,
  visibility: image.visibility,
  size: image.size,
  virtual_size: image.virtual_size,
  status: image.status,
  checksum: image.checksum,
  protected: image.protected,
  min_ram: image.min_ram,
  min_disk: image.min_disk,
  owner: image.project_id,
  os_hidden: image.os_hidden,
  os_hash_algo: image.os_hash_algo,
  os_hash_value: image.os_hash_value,
  id: image.id,
  created_at: seconds(image.created_at),
  updated_at: seconds(image.updated_at),
  tags: image.tags,
  self: `/v2/images/${image.id}`,
  file: `/v2/images/${image.id}/file`,
  schema: '/v2/schemas/image',
  ...(image.status === 'active' || image.status === 'deactivated' ? { stores: 'file' } : {}),
})

/** The list with its links, which are relative to the service. */
export const imagesView = (images: Image[], query: object, nextMarker: string | undefined) => ({
  images: images.map(imageView),
  ...pagePaths('/v2/images', query, nextMarker),
  schema: '/v2/schemas/images',
})

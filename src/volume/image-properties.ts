// What an image that is made of a volume takes over from the image that the volume was made of: its properties, without
// what is an attribute of an image and without the names that are reserved to the image service (attributes of its own,
// the state of an import, signatures, which are of other bytes).
import type { VolumeRow } from './store/volumes.ts'
import { textMap } from './volumes.ts'

/** What volume_image_metadata holds of the image itself: it is new for each image. */
const coreAttributes = new Set(['checksum', 'container_format', 'disk_format', 'image_name', 'image_id', 'min_disk', 'min_ram', 'name', 'size'])

/** As Cinder's list of reserved name spaces. */
const reservedPrefixes = ['os_glance', 'img_signature', 'signature_verified']

/** Names that are no properties of an image: Glance refuses or computes them. */
const reservedNames = new Set([
  'id', 'owner', 'status', 'visibility', 'is_public', 'protected', 'tags', 'virtual_size', 'os_hidden', 'os_hash_algo', 'os_hash_value', 'stores', 'locations', 'location', 'direct_url', 'file', 'self',
  'schema', 'created_at', 'updated_at', 'deleted', 'deleted_at',
])

export const mayGoAlong = (name: string): boolean => !coreAttributes.has(name) && !reservedNames.has(name) && !reservedPrefixes.some((prefix) => name.startsWith(prefix))

export const imagePropertiesOf = (row: Pick<VolumeRow, 'image_metadata'>): Record<string, string> =>
  Object.fromEntries(Object.entries(textMap(row.image_metadata)).filter(([name]) => mayGoAlong(name)))

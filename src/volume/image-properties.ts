// What an image that is made of a volume takes over from the image that the volume was made of: its properties, without the
// names that are the image service's own (image/reserved-names.ts), and without signatures, which are of other bytes.
import { isReservedName } from '../image/index.ts'
import type { VolumeRow } from './store/volumes.ts'

/** What volume_image_metadata tells of the image beside its attributes. */
const ofTheImage = new Set(['image_id', 'image_name', 'is_public'])
/** of other bytes */
const signaturePrefixes = ['img_signature', 'signature_verified']

const mayGoAlong = (name: string): boolean =>
  !isReservedName(name) && !ofTheImage.has(name) && !signaturePrefixes.some((prefix) => name.startsWith(prefix))

export const imagePropertiesOf = (row: Pick<VolumeRow, 'image_metadata'>): Record<string, string> =>
  Object.fromEntries(Object.entries(row.image_metadata ?? {}).filter(([name]) => mayGoAlong(name)))

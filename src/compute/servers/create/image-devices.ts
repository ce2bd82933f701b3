// All block devices of a new server: what the request names, and what its image names (the image of a volume-backed server is a
// list of snapshots), merged as Nova merges them.
import type { ImageFacts } from '../../../image/index.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import { badRequest } from '../../../platform/errors.ts'
import { table } from '../../../platform/table.ts'
import { devicesOfLegacy, devicesOfV2, imageDevice, type DeviceRequest } from './devices.ts'

const isRoot = ({ bootIndex }: DeviceRequest) => bootIndex === 0

interface Named {
  imageId: string
  devices: DeviceRequest[]
  /** the old dialect, or no devices at all: the image's own disk goes without saying */
  legacyDevices: boolean
}

/** A root that the image names takes the place of the image's own disk; else the request wins by device name. */
export function devicesOfServer(image: ImageFacts | null, { imageId, devices, legacyDevices }: Named): DeviceRequest[] {
  const ofImage = devicesOfImage(image)
  const own = ofImage.some(isRoot)
    ? withoutRoot(devices, legacyDevices)
    : legacyDevices && imageId !== '' && !devices.some(isRoot)
      ? [imageDevice(imageId), ...devices]
      : devices
  return [...own, ...ofImage.filter(({ deviceName }) => deviceName === null || !own.some((other) => other.deviceName === deviceName))]
}

const withoutRoot = (devices: DeviceRequest[], legacyDevices: boolean): DeviceRequest[] =>
  legacyDevices
    ? devices.map((device) => ({ ...device, bootIndex: -1 }))
    : devices.filter((device) => !(isRoot(device) && device.sourceType === 'image'))

function devicesOfImage(image: ImageFacts | null): DeviceRequest[] {
  const text = image?.properties['block_device_mapping']
  if (!image || text === undefined || text === '' || text === '[]') return []
  const items = parse(text, image.id)
  return lenientBoolean(image.properties['bdm_v2']) ? devicesOfV2(items, false) : devicesOfLegacy(items, false)
}

type Items = Parameters<typeof devicesOfV2>[0]

const unreadable = (imageId: string, what: string, cause?: unknown) =>
  badRequest(`The image ${imageId} has a block_device_mapping that ${what}.`, { cause })

function parse(text: string, imageId: string): Items {
  let items: unknown
  try {
    items = JSON.parse(text)
  } catch (error) {
    throw unreadable(imageId, 'cannot be read', error)
  }
  if (!Array.isArray(items)) throw unreadable(imageId, 'is no list')
  return items.map((item: unknown) => checked(item, imageId))
}

const words: Record<string, readonly string[]> = table({
  source_type: ['image', 'volume', 'snapshot', 'blank'],
  destination_type: ['local', 'volume'],
})
const texts = [
  'uuid',
  'image_id',
  'volume_id',
  'snapshot_id',
  'device_name',
  'guest_format',
  'virtual_name',
  'volume_type',
  'disk_bus',
  'tag',
]

/** Anybody may write such a property: no schema stood before it. */
function checked(item: unknown, imageId: string): Items[number] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw unreadable(imageId, 'is no list of devices')
  const entries = Object.entries(item).filter(([, value]) => value !== null)
  for (const [name, value] of entries) {
    const isFine = Object.hasOwn(words, name)
      ? words[name]?.includes(String(value))
      : texts.includes(name)
        ? typeof value === 'string' && value.length <= 255
        : true
    if (!isFine) throw unreadable(imageId, `has a bad ${name}`)
    if ((name === 'volume_size' || name === 'boot_index') && !/^-?\d{1,9}$/.test(String(value)))
      throw unreadable(imageId, `has a bad ${name}`)
  }
  return Object.fromEntries(entries) as Items[number]
}

// Block devices that an image itself names: the image of a volume-backed server is a list of snapshots.
import type { ImageFacts } from '../image/index.ts'
import { badRequest } from '../platform/errors.ts'
import { devicesOfLegacy, devicesOfV2, type DeviceRequest } from './server-devices.ts'

/** What the image's block_device_mapping adds to what the request names; the request wins by device name and boot index. */
export function devicesOfImage(image: ImageFacts | null, named: DeviceRequest[]): DeviceRequest[] {
  const text = image?.properties['block_device_mapping']
  if (!image || text === undefined || text === '' || text === '[]') return []
  const items = parse(text, image.id)
  const devices = /^true$/i.test(image.properties['bdm_v2'] ?? '') ? devicesOfV2(items, false) : devicesOfLegacy(items, false)
  return devices.filter((device) => !named.some((other) => (other.deviceName !== null && other.deviceName === device.deviceName) || (other.bootIndex === 0 && device.bootIndex === 0)))
}

type Items = Parameters<typeof devicesOfV2>[0]

function parse(text: string, imageId: string): Items {
  try {
    const items: unknown = JSON.parse(text)
    if (Array.isArray(items)) return items.map(withoutNulls)
  } catch (error) {
    throw badRequest(`The image ${imageId} has a block_device_mapping that cannot be read.`, { cause: error })
  }
  throw badRequest(`The image ${imageId} has a block_device_mapping that is no list.`)
}

const withoutNulls = (item: unknown): Items[number] =>
  Object.fromEntries(Object.entries((item ?? {}) as Record<string, unknown>).filter(([, value]) => value !== null)) as Items[number]

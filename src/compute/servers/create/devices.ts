// block_device_mapping of a server request → the rows of its block devices, checked as Nova checks them. Volumes that
// exist are reserved here, before the build's first step; what the others are made from is device-sources.ts's business.
import { attachmentReserve, volumesByIds, type AcceptedVolume } from '../../../volume/index.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest } from '../../../platform/errors.ts'
import type { CreateBody } from './body.routes.ts'
import type { ServerFlavor } from '../store/servers.ts'
import type { ServerDeviceRow } from '../store/parts.ts'

/** One item of the request, its two dialects already told apart. */
export interface DeviceRequest {
  sourceType: 'image' | 'volume' | 'snapshot' | 'blank'
  destinationType: 'local' | 'volume'
  sourceId: string | null
  sizeGib: number | null
  bootIndex: number | null
  deviceName: string | null
  guestFormat: string | null
  volumeType: string | null
  tag: string | null
  deleteOnTermination: boolean
  diskBus: string | null
}

const buses = new Set(['fdc', 'ide', 'sata', 'scsi', 'usb', 'virtio', 'xen', 'lxc', 'uml', 'none'])
const formatFault = (details: string) => badRequest(`Block Device Mapping is Invalid: ${details}`)

type Server = CreateBody['server']
type LegacyItem = NonNullable<Server['block_device_mapping']>[number]
type Item = NonNullable<Server['block_device_mapping_v2']>[number]

/** The old dialect: the first volume or snapshot is the root when no image is given. */
export function devicesOfLegacy(items: LegacyItem[], hasImage: boolean): DeviceRequest[] {
  let rootLeft = !hasImage
  return items
    .filter((item) => !item.no_device)
    .map((item) => {
      const common = {
        sizeGib: item.volume_size === undefined ? null : Number(item.volume_size),
        deviceName: withDev(item.device_name),
        volumeType: null,
        tag: null,
        diskBus: null,
      }
      if (item.virtual_name === 'swap' || /^ephemeral\d+$/.test(item.virtual_name ?? '')) {
        return {
          ...common,
          sourceType: 'blank',
          destinationType: 'local',
          sourceId: null,
          bootIndex: -1,
          guestFormat: item.virtual_name === 'swap' ? 'swap' : null,
          deleteOnTermination: true,
        }
      }
      const sourceId = item.snapshot_id ?? item.volume_id
      if (sourceId === undefined) throw formatFault('Unrecognized legacy format.')
      const bootIndex = rootLeft ? 0 : -1
      rootLeft = false
      return {
        ...common,
        sourceType: item.snapshot_id ? 'snapshot' : 'volume',
        destinationType: 'volume',
        sourceId,
        bootIndex,
        guestFormat: null,
        deleteOnTermination: lenientBoolean(item.delete_on_termination),
      }
    })
}

export function devicesOfV2(items: Item[], hasImage: boolean): DeviceRequest[] {
  return items.filter((item) => !item.no_device).map((item) => deviceOfV2(item, hasImage))
}

function deviceOfV2(item: Item, hasImage: boolean): DeviceRequest {
  const sourceType = item.source_type ?? (item.volume_id ? 'volume' : item.snapshot_id ? 'snapshot' : item.image_id ? 'image' : undefined)
  if (sourceType === undefined) throw formatFault('Some required fields are missing')
  const sourceId = item.uuid ?? { volume: item.volume_id, snapshot: item.snapshot_id, image: item.image_id, blank: undefined }[sourceType]
  if (sourceType === 'blank' && item.uuid) throw formatFault('Invalid device UUID.')
  if (sourceType !== 'blank' && !sourceId) throw formatFault('Missing device UUID.')
  const bootIndex = item.boot_index === undefined || item.boot_index === null ? null : Number(item.boot_index)
  const destinationType = item.destination_type ?? (sourceType === 'volume' || sourceType === 'snapshot' ? 'volume' : 'local')
  if (sourceType === 'image' && destinationType === 'local' && !(hasImage && bootIndex === 0))
    throw formatFault('Mapping image to local is not supported.')
  // Nova takes these two and then gives the guest nothing
  if (destinationType === 'local' && (sourceType === 'volume' || sourceType === 'snapshot'))
    throw formatFault(`Mapping ${sourceType} to local is not supported.`)
  if (destinationType === 'local' && item.volume_type)
    throw formatFault('Specifying a volume_type with destination_type=local is not supported.')
  if (sourceType === 'volume' && item.volume_type) throw formatFault('Specifying volume type to existing volume is not supported.')
  return {
    sourceType,
    destinationType,
    sourceId: sourceId ?? null,
    bootIndex,
    sizeGib: item.volume_size === undefined ? null : Number(item.volume_size),
    deviceName: withDev(item.device_name),
    guestFormat: item.guest_format ?? null,
    volumeType: item.volume_type ?? null,
    tag: item.tag ?? null,
    deleteOnTermination: lenientBoolean(item.delete_on_termination),
    diskBus: item.disk_bus ?? null,
  }
}

/** The image's own disk. */
export const imageDevice = (imageId: string): DeviceRequest => ({
  sourceType: 'image',
  destinationType: 'local',
  sourceId: imageId,
  bootIndex: 0,
  sizeGib: null,
  deviceName: null,
  guestFormat: null,
  volumeType: null,
  tag: null,
  deleteOnTermination: true,
  diskBus: null,
})

/** It is the flavor's disk, and has no row. */
export const isImageDisk = ({ sourceType, destinationType }: DeviceRequest): boolean =>
  sourceType === 'image' && destinationType === 'local'

const withDev = (name: string | undefined): string | null => (name === undefined ? null : name.startsWith('/dev/') ? name : `/dev/${name}`)

/** Refuses what does not fit together; the boot order is 0, 1, … with exactly one root. */
export function assertDevices(devices: DeviceRequest[], { flavor, count }: { flavor: ServerFlavor; count: number }): void {
  const order = bootIndexes(devices).toSorted((a, b) => a - b)
  const isRootBlank = devices.some(
    ({ bootIndex, sourceType, destinationType }) => bootIndex === 0 && sourceType === 'blank' && destinationType === 'local',
  )
  if (order.length === 0 || isRootBlank || order.some((index, at) => index !== at)) {
    throw badRequest(
      'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
    )
  }
  if (count > 1 && devices.some((device) => device.sourceType === 'volume'))
    throw badRequest('Cannot attach one or more volumes to multiple instances')
  for (const device of devices) assertDevice(device)
  const local = devices.filter((device) => device.sourceType === 'blank' && device.destinationType === 'local')
  const swaps = local.filter((device) => device.guestFormat === 'swap')
  if (localCount(devices, flavor) > mostLocal) throw formatFault('You specified more local devices than the limit allows')
  if (swaps.length > 1) throw formatFault('More than one swap drive requested.')
  if ((swaps[0]?.sizeGib ?? 0) > flavor.swapMib) throw badRequest('Swap drive requested is larger than instance type allows.')
  const ephemeralGib = local
    .filter((device) => device.guestFormat !== 'swap')
    .reduce((sum, device) => sum + (device.sizeGib ?? flavor.ephemeralGib), 0)
  if (ephemeralGib > flavor.ephemeralGib) {
    throw badRequest(
      'Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used.',
    )
  }
}

/** Nova's max_local_block_devices */
const mostLocal = 3

/** The flavor's own swap and ephemeral disks count where the request names none. */
function localCount(devices: DeviceRequest[], flavor: ServerFlavor): number {
  const local = devices.filter(({ destinationType }) => destinationType === 'local')
  const isBlank = (device: DeviceRequest, isSwap: boolean) => device.sourceType === 'blank' && (device.guestFormat === 'swap') === isSwap
  const ofFlavor = [
    flavor.swapMib > 0 && !local.some((device) => isBlank(device, true)),
    flavor.ephemeralGib > 0 && !local.some((device) => isBlank(device, false)),
  ]
  return local.length + ofFlavor.filter(Boolean).length
}

/** Beside an image no volume of the request may be named like the image's disk. */
export function assertRootNameFree(devices: DeviceRequest[]): void {
  const isTaken = devices.some(({ destinationType, deviceName }) => destinationType === 'volume' && deviceName === '/dev/vda')
  if (isTaken) throw badRequest('The volume cannot be assigned the same device name as the root device vda')
}

const bootIndexes = (devices: DeviceRequest[]) =>
  devices.flatMap(({ bootIndex }) => (bootIndex !== null && bootIndex >= 0 ? [bootIndex] : []))

function assertDevice(device: DeviceRequest): void {
  if (device.destinationType === 'volume' && !device.sizeGib) {
    if (device.sourceType === 'image') throw badRequest("Images with destination_type 'volume' need to have a non-zero size specified")
    if (device.sourceType === 'blank') throw badRequest("Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size")
  }
  if (device.diskBus !== null && !buses.has(device.diskBus)) throw badRequest('Block Device Mapping is Invalid.')
}

export interface AcceptedDevices {
  devices: DeviceRequest[]
  /** by the devices' order */
  volumes: (AcceptedVolume | null)[]
}

/** The rows of one server's devices, with the volumes that were accepted for them; existing volumes are reserved in this transaction. */
export async function deviceRows(tx: Context, serverId: string, { devices, volumes }: AcceptedDevices): Promise<ServerDeviceRow[]> {
  const rows: ServerDeviceRow[] = []
  const names = deviceNames(devices)
  for (const [position, device] of devices.entries()) {
    const name = names[position] ?? null
    const isVolume = device.destinationType === 'volume'
    const attachmentId = isVolume ? tx.ids.uuid() : null
    const existing = device.sourceType === 'volume' ? device.sourceId : null
    if (existing !== null && attachmentId !== null) await reserve(tx, { volumeId: existing, serverId, attachmentId, mountpoint: name })
    rows.push({
      id: tx.ids.uuid(),
      server_id: serverId,
      position,
      source_type: device.sourceType,
      destination_type: device.destinationType,
      source_id: existing === null ? device.sourceId : null,
      volume_id: existing,
      volume_size: volumes[position]?.sizeGib ?? device.sizeGib,
      volume_type: device.volumeType,
      attachment_id: attachmentId,
      connection: null,
      boot_index: device.bootIndex,
      device: name,
      guest_format: device.guestFormat,
      tag: device.tag,
      delete_on_termination: device.deleteOnTermination,
      state: 'attaching',
    })
  }
  return rows
}

async function reserve(
  tx: Context,
  wanted: { volumeId: string; serverId: string; attachmentId: string; mountpoint: string | null },
): Promise<void> {
  const known = (await volumesByIds(tx, [wanted.volumeId])).get(wanted.volumeId)
  if (!known || known.projectId !== tx.actor.projectId)
    throw badRequest(`Block Device Mapping is Invalid: failed to get volume ${wanted.volumeId}.`)
  await attachmentReserve(tx, wanted).catch((error: unknown) => {
    throw error instanceof ApiError && error.isRefusal ? invalidVolume(error) : error
  })
}

/** What the volume service refuses, in Nova's words. */
export const invalidVolume = (refusal: ApiError): ApiError =>
  badRequest(refusal.type === 'InvalidVolume' ? refusal.message : `Invalid volume: ${refusal.message}`)

/** vda is the root; what has no name gets the next free one. */
function deviceNames(devices: Pick<DeviceRequest, 'deviceName' | 'bootIndex'>[]): string[] {
  const taken = new Set(devices.flatMap(({ deviceName }) => (deviceName === null ? [] : [deviceName])))
  if (!devices.some(({ bootIndex }) => bootIndex === 0)) taken.add('/dev/vda')
  return devices.map(({ deviceName, bootIndex }) => {
    if (deviceName !== null) return deviceName
    const name = bootIndex === 0 && !taken.has('/dev/vda') ? '/dev/vda' : nextDevice(taken)
    taken.add(name)
    return name
  })
}

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** '/dev/vdb' … '/dev/vdz' */
export function nextDevice(taken: ReadonlySet<string>): string {
  for (const letter of letters.slice(1)) {
    const name = `/dev/vd${letter}`
    if (!taken.has(name)) return name
  }
  throw new ApiError(
    'forbidden',
    `The maximum allowed number of disk devices (${letters.length}) to attach to a single instance has been exceeded.`,
  )
}

/** What is known of the image of a root volume, when the server names no image itself; it must be bootable then. */
export async function rootVolume(
  tx: Context,
  { devices, volumes }: AcceptedDevices,
): Promise<{ imageProperties: Record<string, string> } | null> {
  const at = devices.findIndex(({ bootIndex }) => bootIndex === 0)
  const [root, made] = [devices[at], volumes[at]]
  if (root?.sourceId === null || (root?.sourceType !== 'volume' && root?.sourceType !== 'snapshot')) return null
  const known = made
    ? { bootable: made.origin.bootable, imageMetadata: made.origin.imageMetadata ?? {} }
    : (await volumesByIds(tx, [root.sourceId])).get(root.sourceId)
  if (!known?.bootable) throw badRequest(`Block Device ${root.sourceId} is not bootable.`)
  return { imageProperties: known.imageMetadata }
}

// What a guest is to be, for its host, built from rows in one place. To change what a guest is made of, change rows,
// raise the server's generation in the same transaction, and then apply this.
import type { GuestPower, GuestRoot, GuestSpec, GuestVolume } from '../../../contract/guests.ts'
import { guestPorts } from '../../../network/index.ts'
import { volumesByIds } from '../../../volume/index.ts'
import type { Context } from '../../../platform/context.ts'
import { assert } from '../../../platform/errors.ts'
import { configDriveFiles } from '../../metadata/config-drive.ts'
import { metadataFacts } from '../../metadata/facts.ts'
import type { ServerFlavor, ServerRow } from '../store/servers.ts'
import { devicesOf, type ServerDeviceRow } from '../store/parts.ts'

const fatePrefix = 'fake:'

/** The spec of a server's guest with the given power. Only reads. */
export async function guestSpec(ctx: Context, server: ServerRow, power: GuestPower): Promise<GuestSpec> {
  const flavor = server.flavor
  const properties = server.image_properties
  const metadata = server.metadata
  const devices = await devicesOf(ctx.db, server.id)
  const root = devices.find(isRootVolume)
  const sizes = await volumeSizes(ctx, devices)
  return {
    id: server.id,
    generation: server.generation,
    name: server.name,
    projectId: server.project_id,
    vcpus: flavor.vcpus,
    ramMib: flavor.ramMib,
    root: root ? volumeRoot(root, sizes) : imageRoot(server, flavor),
    ephemeralGib: localGib(devices, flavor),
    swapMib: flavor.swapMib,
    volumes: devices.flatMap((device) => (device === root ? [] : guestVolume(device, sizes))),
    ports: await guestPorts(ctx, server.id),
    configDrive: server.config_drive ? configDriveFiles(await metadataFacts(ctx, server)) : null,
    power,
    rescue: server.rescue_image_id === null ? null : { imageId: server.rescue_image_id },
    properties: { ...imageHints(properties), ...without(flavor.extraSpecs, fatePrefix) },
    fate: { ...only(flavor.extraSpecs, fatePrefix), ...only(metadata, fatePrefix) },
  }
}

const isRootVolume = (device: ServerDeviceRow) => device.boot_index === 0 && device.destination_type === 'volume'

function imageRoot(server: ServerRow, flavor: ServerFlavor): GuestRoot {
  assert(server.root_image_id !== '', `the server ${server.id} has neither an image nor a root volume`)
  return { kind: 'image', imageId: server.root_image_id, sizeGib: flavor.rootGib, epoch: server.root_epoch }
}

/** volume id → GiB, as the volume service has it now: it may have grown since it was attached */
async function volumeSizes(ctx: Context, devices: ServerDeviceRow[]): Promise<Map<string, number>> {
  const volumes = await volumesByIds(
    ctx,
    devices.flatMap(({ volume_id }) => volume_id ?? []),
  )
  return new Map([...volumes].map(([id, { sizeGib }]) => [id, sizeGib]))
}

function volumeRoot(device: ServerDeviceRow, sizes: Map<string, number>): GuestRoot {
  assert(device.volume_id !== null && device.connection !== null, `the root volume of ${device.server_id} is not connected`)
  return {
    kind: 'volume',
    volumeId: device.volume_id,
    device: shortName(device.device ?? 'vda'),
    sizeGib: sizes.get(device.volume_id) ?? 0,
    connection: device.connection,
  }
}

/** Whether a guest that is made now has the device's volume. */
export const inGuest = (device: ServerDeviceRow): boolean =>
  device.volume_id !== null && (isRootVolume(device) || (device.connection !== null && device.state !== 'detaching'))

function guestVolume(device: ServerDeviceRow, sizes: Map<string, number>): GuestVolume[] {
  if (device.volume_id === null || device.connection === null || !inGuest(device)) return []
  const sizeGib = sizes.get(device.volume_id) ?? 0
  return [
    {
      volumeId: device.volume_id,
      device: shortName(device.device ?? ''),
      sizeGib,
      connection: device.connection,
      readOnly: false,
    },
  ]
}

/** Blank local disks that the request named, else the flavor's. */
function localGib(devices: ServerDeviceRow[], flavor: ServerFlavor): number {
  const named = devices.filter(
    (device) => device.source_type === 'blank' && device.destination_type === 'local' && device.guest_format !== 'swap',
  )
  return named.length === 0 ? flavor.ephemeralGib : named.reduce((sum, device) => sum + (device.volume_size ?? flavor.ephemeralGib), 0)
}

/** '/dev/vdb' → 'vdb' */
const shortName = (device: string): string => device.replace(/^\/dev\//, '')

/** Image properties that a driver may understand. */
const imageHints = (properties: Record<string, string>) =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => /^(hw_|os_)/.test(name)))
const only = (from: Record<string, string>, prefix: string) =>
  Object.fromEntries(Object.entries(from).flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])))
const without = (from: Record<string, string>, prefix: string) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !name.startsWith(prefix)))

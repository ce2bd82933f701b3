// Images of servers: createImage and createBackup. The image's record is made with the request, so that its id can be
// answered; the bytes are read and uploaded by image.saga.ts. A volume-backed server's image is a list of snapshots.
import { imageReserve, imagesByIds, isReservedName, type NewImage } from '../../../image/index.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, conflict } from '../../../platform/errors.ts'
import { volumeSnapshot } from '../../../volume/index.ts'
import { serverBegin, serverGet } from '../servers.ts'
import { devicesOf, type ServerDeviceRow } from '../store/parts.ts'
import type { ServerRow } from '../store/servers.ts'
import { serverImageSaga } from './image.saga.ts'

/** properties that belong to one image and not to its children, beside the image service's own names */
const notInherited = new Set([
  'cache_in_nova',
  'bittorrent',
  'img_signature_hash_method',
  'img_signature',
  'img_signature_key_type',
  'img_signature_certificate_uuid',
  'cinder_encryption_key_id',
  'cinder_encryption_key_deletion_policy',
  'block_device_mapping',
  'bdm_v2',
  'root_device_name',
  'image_id',
  'image_name',
])

export interface ServerImage {
  name: string
  metadata: Record<string, string>
}

/** Accepts the image of a server; returns its id. */
export async function serverImageCreate(ctx: Context, id: string, wanted: ServerImage): Promise<string> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (server.image_id === '')
      tx.authorize({ project_id: server.project_id, user_id: server.user_id }, 'os_compute_api:servers:create_image:allow_volume_backed')
    return begin(tx, server, { action: 'createImage', wanted, rotation: null })
  })
}

export interface Backup extends ServerImage {
  backupType: string
  rotation: number
}

/** Accepts a backup: an image of which only so many of its type are kept. Null when none is kept at all. */
export async function serverBackup(ctx: Context, id: string, wanted: Backup): Promise<string | null> {
  return ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    if (server.image_id === '') throw badRequest('The request is invalid.')
    const metadata = { ...wanted.metadata, backup_type: wanted.backupType }
    const imageId = await begin(tx, server, {
      action: 'createBackup',
      wanted: { name: wanted.name, metadata },
      rotation: { backupType: wanted.backupType, keep: wanted.rotation },
    })
    return wanted.rotation > 0 ? imageId : null
  })
}

interface Intent {
  action: 'createImage' | 'createBackup'
  wanted: ServerImage
  rotation: { backupType: string; keep: number } | null
}

async function begin(tx: Context, server: ServerRow, { action, wanted, rotation }: Intent): Promise<string> {
  const imageId = tx.ids.uuid()
  const begun = await serverBegin(tx, server, action, { change: { pending_image_id: imageId } })
  if (begun.host === null) throw conflict(`Instance ${server.id} is not ready`)
  const volumes = server.image_id === '' ? await volumeMapping(tx, server, wanted.name) : null
  await imageReserve(
    tx,
    await newImage(tx, server, { id: imageId, wanted, volumes, imageType: action === 'createBackup' ? 'backup' : 'snapshot' }),
  )
  await tx.work.enqueue(
    tx,
    serverImageSaga,
    { serverId: server.id, imageId, action, empty: volumes !== null, rotation },
    { resourceId: server.id },
  )
  return imageId
}

interface Wanted {
  id: string
  wanted: ServerImage
  /** block_device_mapping of a volume-backed server */
  volumes: object[] | null
  imageType: 'snapshot' | 'backup'
}

/** The record of a server's image: what it was made of, with its parent's properties. */
export async function newImage(tx: Context, server: ServerRow, { id, wanted, volumes, imageType }: Wanted): Promise<NewImage> {
  const parent = server.image_id === '' ? undefined : (await imagesByIds(tx, [server.image_id])).get(server.image_id)
  const inherited = Object.fromEntries(
    Object.entries(server.image_properties).filter(([name]) => !notInherited.has(name) && !isReservedName(name)),
  )
  const { flavor } = server
  return {
    id,
    name: wanted.name,
    visibility: 'private',
    diskFormat: volumes ? 'raw' : 'qcow2',
    containerFormat: 'bare',
    minDiskGib: volumes ? 0 : Math.max(flavor.rootGib, parent?.minDiskGib ?? 0),
    minRamMib: parent?.minRamMib ?? 0,
    properties: {
      ...inherited,
      instance_uuid: server.id,
      user_id: server.user_id,
      image_type: imageType,
      base_image_ref: server.image_id,
      boot_roles: tx.actor.roles.join(','),
      owner_user_name: tx.actor.userName,
      owner_project_name: tx.actor.projectName ?? '',
      ...(volumes
        ? { block_device_mapping: JSON.stringify(volumes), bdm_v2: 'True', root_device_name: server.root_device ?? '/dev/vda' }
        : {}),
      ...wanted.metadata,
    },
  }
}

/** A snapshot of every volume, as the block devices of servers made from the image. */
async function volumeMapping(tx: Context, server: ServerRow, name: string): Promise<object[]> {
  const mapping: object[] = []
  for (const device of await devicesOf(tx.db, server.id)) {
    if (device.volume_id === null) continue
    const snapshotId = await volumeSnapshot(tx, { volumeId: device.volume_id, name: `snapshot for ${name}` })
    mapping.push(mappingOf(device, snapshotId))
  }
  return mapping
}

const mappingOf = (device: ServerDeviceRow, snapshotId: string): object => ({
  source_type: 'snapshot',
  destination_type: 'volume',
  snapshot_id: snapshotId,
  volume_size: device.volume_size,
  boot_index: device.boot_index,
  device_name: device.device,
  device_type: 'disk',
  disk_bus: 'virtio',
  delete_on_termination: device.delete_on_termination,
  guest_format: null,
  image_id: null,
  volume_id: null,
  no_device: null,
  tag: null,
  volume_type: null,
})

// Rebuilding: the server keeps its id, ports, volumes and place, and gets a root disk made anew from an image.
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { badRequest, conflict } from '../../../platform/errors.ts'
import { assertGuestConstraints } from '../guest/constraints.ts'
import { keyForServer } from '../../keypairs/keypairs.ts'
import { assertFits, imageForServer } from '../create/image.ts'
import { assertWithinItemLimits, type InjectedFile } from '../quota.ts'
import { serverBegin, serverGet } from '../servers.ts'
import { devicesOf } from '../store/parts.ts'
import type { ServerRow } from '../store/servers.ts'
import type { ImageFacts } from '../../../image/index.ts'
import { volumeReimageAccept, volumesByIds, type AcceptedReimage } from '../../../volume/index.ts'
import { serverRebuildSaga } from './rebuild.saga.ts'

export interface Rebuild {
  imageId: string
  name?: string
  description?: string | null
  hostname?: string
  metadata?: Record<string, string>
  files?: InjectedFile[]
  keyName?: string | null
  userData?: string | null
  accessIPv4?: string
  accessIPv6?: string
  diskConfig?: string
}

/** Accepts a rebuild; the answer shows the server as it will be. */
export function serverRebuild(ctx: Context, id: string, wanted: Rebuild): Promise<ServerRow> {
  return ctx.transaction((tx) => rebuild(tx, id, wanted))
}

/** All that the request names is looked up in the transaction that accepts it. */
async function rebuild(tx: Context, id: string, wanted: Rebuild): Promise<ServerRow> {
  const server = await serverGet(tx, id)
  const image = await imageForServer(tx, wanted.imageId, 'Cannot find image for rebuild')
  await assertWithinItemLimits(tx, { metadata: wanted.metadata ?? {}, files: wanted.files ?? [] })
  const key = await keyForServer(tx, wanted.keyName, server.user_id)
  const volumeBacked = server.image_id === ''
  // since 2.93 a root volume is written over, with the same image too
  const reimages = volumeBacked && tx.microversion.atLeast('2.93')
  if (volumeBacked && !reimages && (await imageOfRootVolume(tx, id)) !== image.id)
    throw badRequest('Unable to rebuild with a different image for a volume-backed server.')
  assertFits(tx, { image, flavor: server.flavor, rootVolume: volumeBacked ? { sizeGib: null } : null })
  assertGuestConstraints(image.properties, server.flavor)
  const reimage = reimages ? await reimageAccept(tx, id, image) : null
  const change: Partial<ServerRow> = {
    ...(reimage ? { image_properties: image.properties } : {}),
    ...(volumeBacked
      ? {}
      : {
          image_id: image.id,
          root_image_id: image.id,
          image_properties: image.properties,
          root_epoch: server.root_epoch + 1,
        }),
    ...defined({ name: wanted.name, description: wanted.description, hostname: wanted.hostname }),
    ...(wanted.metadata === undefined ? {} : { metadata: wanted.metadata }),
    ...(wanted.files === undefined ? {} : { personality: wanted.files }),
    ...(wanted.keyName === undefined ? {} : { key_name: key?.name ?? null, key_data: key?.data ?? null }),
    ...defined({
      user_data: wanted.userData,
      access_ip_v4: wanted.accessIPv4,
      access_ip_v6: wanted.accessIPv6,
      disk_config: wanted.diskConfig,
    }),
  }
  const begun = await serverBegin(tx, server, 'rebuild', { change })
  if (begun.host === null) throw conflict(`Instance ${id} is not ready`)
  await tx.work.enqueue(tx, serverRebuildSaga, { serverId: id, stopped: server.vm_state === 'stopped', reimage }, { resourceId: id })
  return begun
}

async function reimageAccept(tx: Context, serverId: string, image: ImageFacts): Promise<AcceptedReimage> {
  const root = (await devicesOf(tx.db, serverId)).find((device) => device.boot_index === 0)
  if (!root?.volume_id) throw conflict(`Instance ${serverId} has no root volume`)
  return volumeReimageAccept(tx, { volumeId: root.volume_id, image })
}

/** The image that a volume-backed server's root disk was made from. */
async function imageOfRootVolume(ctx: Context, serverId: string): Promise<string | null> {
  const root = (await devicesOf(ctx.db, serverId)).find((device) => device.boot_index === 0)
  if (!root || root.volume_id === null) return null
  const volume = (await volumesByIds(ctx, [root.volume_id])).get(root.volume_id)
  return volume?.imageMetadata['image_id'] ?? null
}

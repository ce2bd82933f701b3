// Shelving: the root disk becomes an image, the guest leaves its host and gives its place back; unshelving builds it
// again wherever there is room.
import { imageReserve } from '../../../image/index.ts'
import { attachedPortsList } from '../../../network/index.ts'
import { allocationsRelease } from '../../../placement/index.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, conflict } from '../../../platform/errors.ts'
import { schedule } from '../../scheduling/scheduler.ts'
import { refuse } from './resize.ts'
import { newImage } from './image.ts'
import { assertZone, buildLimit, hostByName } from '../../scheduling/placing.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverGet } from '../servers.ts'
import { devicesOf } from '../store/parts.ts'
import type { ServerRow } from '../store/servers.ts'
import { serverOffloadSaga, serverShelveSaga } from './shelve.saga.ts'
import { serverUnshelveSaga } from './unshelve.saga.ts'

/** Accepts shelving; as in a cloud with shelved_offload_time 0, the server is offloaded at once. */
export async function serverShelve(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const volumeBacked = server.image_id === ''
    const imageId = volumeBacked ? null : tx.ids.uuid()
    const begun = await serverBegin(tx, server, 'shelve', { change: { pending_image_id: imageId } })
    if (begun.host === null) throw conflict(`Instance ${id} is not ready`)
    if (imageId !== null)
      await imageReserve(
        tx,
        await newImage(tx, server, {
          id: imageId,
          wanted: { name: `${server.name}-shelved`, metadata: {} },
          volumes: null,
          imageType: 'snapshot',
        }),
      )
    await tx.work.enqueue(tx, serverShelveSaga, { serverId: id, imageId, vmState: server.vm_state, host: begun.host }, { resourceId: id })
  })
}

/** Accepts taking a shelved server off its host. */
export async function serverShelveOffload(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const begun = await serverBegin(tx, server, 'shelveOffload')
    await tx.work.enqueue(tx, serverOffloadSaga, { serverId: id, host: begun.host ?? '', action: 'shelveOffload' }, { resourceId: id })
  })
}

export interface Unshelve {
  /** undefined: as before; null: wherever */
  zone?: string | null
  host?: string
}

/** Accepts bringing a shelved server back; without a valid host it stays shelved. */
export async function serverUnshelve(ctx: Context, id: string, wanted: Unshelve): Promise<void> {
  const seen = await serverGet(ctx, id)
  assertAllowed(ctx, serverActions.unshelve, seen)
  const named = wanted.zone !== undefined || wanted.host !== undefined
  if (named && seen.vm_state !== 'shelved_offloaded') {
    throw conflict(
      `Specifying an availability zone or a host when unshelving server "${id}" with status "${seen.vm_state}" is not supported. The server status must be SHELVED_OFFLOADED.`,
    )
  }
  if (typeof wanted.zone === 'string') await assertZone(ctx, wanted.zone)
  if (wanted.host !== undefined) {
    ctx.authorize({ project_id: seen.project_id }, 'os_compute_api:os-shelve:unshelve_to_host')
    if (!(await hostByName(ctx, wanted.host))) throw badRequest(`Compute host ${wanted.host} could not be found.`)
  }
  await ctx.transaction(async (tx) => begin(tx, await serverGet(tx, id), wanted))
}

async function begin(tx: Context, server: ServerRow, wanted: Unshelve): Promise<void> {
  const devices = await devicesOf(tx.db, server.id)
  // its work takes the attachment away that the build would connect
  const leaving = devices.find(({ state }) => state === 'detaching')
  if (leaving) throw conflict(`Cannot 'unshelve' instance ${server.id} while volume ${leaving.volume_id} is being detached from it`)
  const flavor = server.flavor
  const pinned = wanted.zone === undefined ? server.pinned_az : wanted.zone
  const bootFromVolume = server.image_id === ''
  await allocationsRelease(tx, server.id)
  const decision = await schedule(tx, {
    action: 'unshelve',
    serverId: server.id,
    consumerId: server.id,
    projectId: server.project_id,
    userId: server.user_id,
    flavor,
    bootFromVolume,
    image: bootFromVolume ? null : { id: server.image_id, properties: server.image_properties },
    availabilityZone: pinned,
    hints: server.hints,
    groupId: server.group_id,
    ...(wanted.host === undefined ? (server.vm_state === 'shelved' ? { host: server.host } : {}) : { host: wanted.host, forced: false }),
  })
  if (decision.host === null) return refuse(tx, server, { action: 'unshelve', reason: decision.reason })
  const rootImageId = server.shelved_image_id ?? server.root_image_id
  await serverBegin(tx, server, 'unshelve', {
    change: {
      host: decision.host,
      node: decision.node,
      availability_zone: decision.availabilityZone,
      pinned_az: pinned,
      root_image_id: rootImageId,
      root_epoch: server.root_epoch + 1,
    },
  })
  await tx.work.enqueue(
    tx,
    serverUnshelveSaga,
    {
      serverId: server.id,
      host: decision.host,
      availabilityZone: decision.availabilityZone,
      portIds: (await attachedPortsList(tx, [server.id])).map(({ portId }) => portId),
      hasVolumes: devices.some((row) => row.destination_type === 'volume'),
      buildLimit: await buildLimit(tx, decision.host),
      before: { rootImageId: server.root_image_id, vmState: server.vm_state },
    },
    { resourceId: server.id },
  )
}

// Resizing: another flavor on the same host, held beside the old one's allocation until it is confirmed or reverted.
// Moving to another host needs disks that hosts share, which this version has not: the answer is "no valid host".
import { allocationsRelease, allocationsTransfer } from '../../../placement/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { badRequest, conflict } from '../../../platform/errors.ts'
import { imagesByIds } from '../../../image/index.ts'
import { schedule } from '../../scheduling/scheduler.ts'
import { assertGuestConstraints } from '../guest/constraints.ts'
import { flavorForServer } from '../../flavors/flavors.ts'
import { assertFits } from '../create/image.ts'
import { assertMayGrow } from '../quota.ts'
import { power, serverActions } from '../states.ts'
import { assertAllowed, serverBegin, serverEvent, serverGet } from '../servers.ts'
import { faultOf } from '../faults.ts'
import { migrationInsert, migrationOfServer, migrationUpdate } from '../../server-migrations/store.ts'
import { serverChange, type Before, type ServerFlavor, type ServerRow } from '../store/servers.ts'
import { serverResizeSaga, serverRevertSaga } from './resize.saga.ts'

/** Accepts a resize; when no host has room the server stays as it is, with the reason in its timeline. */
export function serverResize(ctx: Context, id: string, wanted: { flavorId: string; diskConfig?: string | undefined }): Promise<void> {
  return ctx.transaction((tx) => resize(tx, id, wanted))
}

/** All that the request names is looked up in the transaction that accepts it. */
async function resize(tx: Context, id: string, wanted: { flavorId: string; diskConfig?: string | undefined }): Promise<void> {
  const server = await serverGet(tx, id)
  const flavor = await flavorForServer(tx, wanted.flavorId)
  const old = server.flavor
  assertAllowed(tx, serverActions.resize, server)
  if (flavor.id === old.id) throw badRequest('When resizing, instances must change flavor!')
  const volumeBacked = server.image_id === ''
  if (flavor.rootGib === 0 && old.rootGib !== 0 && !volumeBacked)
    throw badRequest('Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.')
  const image = volumeBacked ? null : ((await imagesByIds(tx, [server.image_id])).get(server.image_id) ?? null)
  assertFits(tx, { image, flavor, rootVolume: volumeBacked ? { sizeGib: null } : null })
  assertGuestConstraints(server.image_properties, flavor)
  await assertMayGrow(
    tx,
    { projectId: server.project_id, userId: server.user_id },
    { cores: flavor.vcpus - old.vcpus, ram: flavor.ramMib - old.ramMib },
  )
  await begin(tx, server, { flavor, old, diskConfig: wanted.diskConfig, volumeBacked })
}

interface Step {
  flavor: ServerFlavor
  old: ServerFlavor
  diskConfig: string | undefined
  volumeBacked: boolean
}

async function begin(tx: Context, server: ServerRow, { flavor, diskConfig, volumeBacked }: Step): Promise<void> {
  if (server.host === null) throw conflict(`Instance ${server.id} is not ready`)
  const now = isoMillis(tx.clock.nowMs())
  const migrationId = tx.ids.uuid()
  await allocationsTransfer(tx, server.id, migrationId)
  const decision = await schedule(tx, {
    action: 'resize',
    serverId: server.id,
    consumerId: server.id,
    projectId: server.project_id,
    userId: server.user_id,
    flavor,
    image: server.image_id === '' ? null : { id: server.image_id, properties: server.image_properties },
    bootFromVolume: volumeBacked,
    availabilityZone: server.pinned_az,
    host: server.host,
    forced: false,
    groupId: server.group_id,
  })
  if (decision.host === null) {
    await allocationsTransfer(tx, migrationId, server.id)
    return refuse(tx, server, { action: 'resize', reason: decision.reason })
  }
  await migrationInsert(tx.db, {
    id: migrationId,
    server_id: server.id,
    project_id: server.project_id,
    user_id: tx.actor.userId,
    migration_type: 'resize',
    status: 'migrating',
    source_host: server.host,
    source_node: server.node,
    dest_host: decision.host,
    dest_node: decision.node,
    old_flavor_number: 0,
    new_flavor_number: 0,
    created_at: now,
    updated_at: now,
  })
  const before: Before = { vmState: server.vm_state, flavor: server.flavor, flavorId: server.flavor_id, host: server.host, migrationId }
  await serverBegin(tx, server, 'resize', {
    change: { before, ...defined({ disk_config: diskConfig }) },
  })
  await tx.work.enqueue(tx, serverResizeSaga, { serverId: server.id, flavor, before }, { resourceId: server.id })
}

/** The request was accepted and came to nothing: the server stays what it was. */
export async function refuse(tx: Context, server: ServerRow, { action, reason }: { action: string; reason: string }): Promise<void> {
  await serverEvent(tx, server, { action, result: 'start' })
  await serverEvent(tx, server, { action, result: 'error', message: reason })
  await serverChange(tx.db, server.id, { fault: await faultOf(tx, reason) })
}

/** The new flavor stays: the old one's allocation goes. Nothing on the host changes, so it is done at once. */
export async function serverConfirmResize(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const before = server.before
    assertAllowed(tx, serverActions.confirmResize, server)
    const migration = await migrationOfServer(tx.db, id, ['finished', 'migrating', 'post-migrating'])
    if (!before || !migration) throw badRequest('Instance has not been resized.')
    await serverEvent(tx, server, { action: 'confirmResize', result: 'start' })
    await allocationsRelease(tx, migration.id)
    await migrationUpdate(tx.db, migration.id, { status: 'confirmed', updated_at: isoMillis(tx.clock.nowMs()) })
    const stopped = server.power_state === power.shutdown
    await serverChange(tx.db, id, {
      vm_state: stopped ? 'stopped' : 'active',
      task_state: null,
      before: null,
      updated_at: isoMillis(tx.clock.nowMs()),
    })
    await serverEvent(tx, server, { action: 'confirmResize', result: 'success' })
  })
}

/** Accepts the way back to the old flavor. */
export async function serverRevertResize(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const server = await serverGet(tx, id)
    const before = server.before
    assertAllowed(tx, serverActions.revertResize, server)
    if (!before) throw badRequest('Instance has not been resized.')
    await serverBegin(tx, server, 'revertResize')
    await migrationUpdate(tx.db, before.migrationId, { status: 'reverting', updated_at: isoMillis(tx.clock.nowMs()) })
    await tx.work.enqueue(tx, serverRevertSaga, { serverId: id, before }, { resourceId: id })
  })
}

// Attachments as clients drive them by the API, older actions included. Nothing here touches a host: a client's own machine cannot
// reach our files, and its answer says so; the rows keep the one writer.
import type { Context } from '../platform/context.ts'
import { isoMillis } from '../platform/clock.ts'
import {
  attachmentCreate,
  attachmentComplete,
  attachmentDelete,
  attachmentNotFound,
  notAttached,
  attachmentGet,
  attachmentMove,
  refuseOwned,
  type AttachmentRow,
} from './attachments.ts'
import { invalidVolume } from './errors.ts'
import { pageOf, plainFilters, projectOf, resourceFilters, type ListQuery } from './listing.ts'
import { attachmentRows, attachmentsOfVolume, attachmentsPage } from './store/attachments.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { volumeRowGet } from './volumes.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())
const rule = (name: string) => `volume_extension:volume_actions:${name}`

export interface ClientAttachment {
  volumeId: string
  serverId: string | null
  connector: Record<string, unknown> | null
  mode: 'rw' | 'ro' | null
}

/** POST /attachments */
export async function clientAttach(ctx: Context, { volumeId, serverId, connector, mode }: ClientAttachment): Promise<AttachmentRow> {
  return ctx.transaction(async (tx) => {
    const { row } = await attachmentCreate(tx, { volumeId, serverId, mode })
    return connector === null || Object.keys(connector).length === 0 ? row : attachmentUpdate(tx, row.id, connector, mode ?? 'rw')
  })
}

/** A client says where it will attach (→ attaching). For attachments that are not a guest's. */
export async function attachmentUpdate(
  ctx: Context,
  id: string,
  connector: Record<string, unknown>,
  mode: 'rw' | 'ro' = 'rw',
): Promise<AttachmentRow> {
  return ctx.transaction(async (tx) => {
    const row = await attachmentGet(tx, id, 'volume:attachment_update')
    refuseOwned(row)
    const { host, mountpoint } = connector
    const moved = await attachmentMove(tx, row, 'update', {
      connector: connector,
      attached_host: typeof host === 'string' ? host : null,
      attach_mode: row.attach_mode ?? mode,
      mountpoint: typeof mountpoint === 'string' ? mountpoint : row.mountpoint,
    })
    if (!moved) throw invalidVolume(`Attachment ${id} is ${row.status}.`)
    return moved
  })
}

/** DELETE /attachments/:id: a client releases an attachment of its own; those that the volume has still. */
export async function clientDetach(ctx: Context, id: string): Promise<AttachmentRow[]> {
  return ctx.transaction(async (tx) => {
    const row = await attachmentGet(tx, id, 'volume:attachment_delete')
    refuseOwned(row)
    await attachmentDelete(tx, row)
    return attachmentsOfVolume(tx.db, row.volume_id)
  })
}

/** os-complete */
export async function clientComplete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await attachmentGet(tx, id, 'volume:attachment_complete')
    refuseOwned(row)
    await attachmentComplete(tx, id)
  })
}

export async function attachmentsList(ctx: Context, query: ListQuery): Promise<AttachmentRow[]> {
  ctx.authorize(undefined, 'volume:get_all')
  const page = await pageOf(query, (id) => attachmentGet(ctx, id))
  const columns = plainFilters(ctx, query, {
    resource: 'attachment',
    before: resourceFilters['attachment'] ?? [],
    columns: ['id', 'volume_id', 'status', 'server_id', 'attached_host', 'attach_mode', 'mountpoint', 'project_id'],
    alias: { instance_id: 'server_id', instance_uuid: 'server_id', attach_status: 'status' },
  })
  return attachmentsPage(ctx.db, { projectId: projectOf(ctx, query), columns }, page)
}

/**
 * The volume, for an action that sets its state. While a guest has it the state tells of that guest, and follows what the
 * compute service does: a state that a client sets by hand would let nobody attach or detach it any more (attack 21).
 */
async function rowForState(tx: Context, id: string, name: string): Promise<VolumeRow> {
  const row = await volumeRowGet(tx, id, rule(name))
  for (const attachment of await attachmentsOfVolume(tx.db, id)) refuseOwned(attachment)
  return row
}

/** os-reserve and os-unreserve: the state alone, without an attachment */
export async function volumeReserve(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await rowForState(tx, id, 'reserve')
    const from = row.multiattach ? ['available', 'in-use'] : ['available']
    const done = await volumeRows.advance(
      tx.db,
      { id, status: from },
      { status: 'attaching', previous_status: row.status, updated_at: now(tx) },
    )
    if (!done) throw invalidVolume(`Volume status must be available to reserve, but current status is ${row.status}.`)
  })
}

export async function volumeUnreserve(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await rowForState(tx, id, 'unreserve')
    await reservationEnd(tx, id)
  })
}

async function reservationEnd(tx: Context, id: string): Promise<void> {
  const attached = (await attachmentsOfVolume(tx.db, id)).some((each) => each.status === 'attached')
  await volumeRows.advance(tx.db, { id, status: ['attaching'] }, { status: attached ? 'in-use' : 'available', updated_at: now(tx) })
}

/** os-begin_detaching and os-roll_detaching */
export async function volumeBeginDetaching(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await rowForState(tx, id, 'begin_detaching')
    const done = await volumeRows.advance(tx.db, { id, status: ['in-use'] }, { status: 'detaching', updated_at: now(tx) })
    if (!done) throw notAttached()
  })
}

export async function volumeRollDetaching(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await rowForState(tx, id, 'roll_detaching')
    await volumeRows.advance(tx.db, { id, status: ['detaching'] }, { status: 'in-use', updated_at: now(tx) })
  })
}

export interface LegacyAttach {
  serverId: string | null
  hostName: string | null
  mountpoint: string
  mode: 'rw' | 'ro'
}

/** os-attach: reserved or not, the volume is in use then. */
export async function volumeAttach(ctx: Context, id: string, wanted: LegacyAttach): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await rowForState(tx, id, 'attach')
    const readOnly = row.admin_metadata['readonly'] === 'True'
    if (readOnly && wanted.mode === 'rw') throw invalidVolume(`Invalid attaching mode 'rw' for volume ${id}.`)
    const others = await attachmentsOfVolume(tx.db, id)
    if (others.length > 0 && !row.multiattach) throw invalidVolume(`volume is already attached`)
    const back = await volumeRows.advance(
      tx.db,
      { id, status: ['available', 'attaching', ...(row.multiattach ? ['in-use'] : [])] },
      {
        status: 'available',
      },
    )
    if (!back) throw invalidVolume(`Volume ${id} status must be available or attaching, but current status is: ${row.status}.`)
    const { row: attachment } = await attachmentCreate(tx, {
      volumeId: id,
      serverId: wanted.serverId,
      mountpoint: wanted.mountpoint,
      mode: wanted.mode,
    })
    await attachmentRows.update(tx.db, attachment.id, { attached_host: wanted.hostName })
    await attachmentComplete(tx, attachment.id)
    const admin = {
      ...row.admin_metadata,
      attached_mode: wanted.mode,
      ...(readOnly ? {} : { readonly: wanted.mode === 'ro' ? 'True' : 'False' }),
    }
    await volumeRows.update(tx.db, id, { admin_metadata: admin })
  })
}

/** os-detach and os-force_detach: one attachment, or the only one. */
export async function volumeDetach(ctx: Context, id: string, attachmentId: string | null, ruleName = rule('detach')): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, ruleName)
    const attachments = await attachmentsOfVolume(tx.db, id)
    const attachment = attachmentId === null ? attachments[0] : attachments.find((each) => each.id === attachmentId)
    if (attachmentId !== null && !attachment) throw attachmentNotFound(attachmentId)
    if (attachmentId === null && attachments.length > 1)
      throw invalidVolume('Detach volume failed: More than one attachment, but no attachment_id provided.')
    const { attached_mode: _mode, ...admin } = row.admin_metadata
    await volumeRows.update(tx.db, id, { admin_metadata: admin })
    if (attachment) {
      refuseOwned(attachment)
      // a forced detach also leaves a state that attachments do not govern
      if (ruleName !== rule('detach') || row.status === 'detaching') await volumeRows.update(tx.db, id, { status: 'in-use' })
      await attachmentDelete(tx, attachment)
    } else
      await volumeRows.advance(
        tx.db,
        { id, status: ['in-use', 'detaching', 'attaching', 'error'] },
        { status: 'available', updated_at: now(tx) },
      )
  })
}

/**
 * os-initialize_connection: what may be said of the way to a volume, as attachments say it. Where its file lies is the
 * machine's own business (attack 29), and nothing is handed out: the compute service asks its host.
 */
export async function volumeInitializeConnection(ctx: Context, id: string): Promise<Record<string, unknown>> {
  const row = await volumeRowGet(ctx, id, rule('initialize_connection'))
  if (row.status === 'maintenance') throw invalidVolume('The volume connection cannot be initialized in maintenance mode.')
  const admin = row.admin_metadata
  const accessMode = admin['attached_mode'] ?? (admin['readonly'] === 'True' ? 'ro' : 'rw')
  return {
    driver_volume_type: 'file',
    data: { volume_id: id, access_mode: accessMode, encrypted: false, qos_specs: null, cacheable: false },
  }
}

/** os-terminate_connection: nothing was handed out; a reservation is over (as os-unreserve); of a guest's it is refused (attack 21). */
export async function volumeTerminateConnection(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await rowForState(tx, id, 'terminate_connection')
    await reservationEnd(tx, id)
  })
}

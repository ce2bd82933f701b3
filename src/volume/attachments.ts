// Attachments: who may write to a volume. Rows decide (one writer, several only for a multiattach type); hosts carry
// it out. What the compute service attached to a guest, only that takes away (attack 21).
import type { VolumeConnection } from '../host/contract.ts'
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { conflict, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidVolume } from './errors.ts'
import {
  attachmentAdvance,
  attachmentDelete,
  attachmentFetch,
  attachmentInsert,
  attachmentsOfVolume,
  attachmentUpdate,
  type AttachmentRow,
  type AttachmentStatus,
} from './store/attachments.ts'
import { volumeAdvance, volumeFetch, volumeUpdate, type VolumeRow } from './store/volumes.ts'
import { mayKnow, textMap, volumeRowGet } from './volumes.ts'

export type { AttachmentRow } from './store/attachments.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

export const attachmentNotFound = (id: string) => notFound(`Volume attachment could not be found with filter: attachment_id = ${id}.`)

export async function attachmentRowGet(ctx: Context, id: string, rule: string | null = ctx.rule): Promise<AttachmentRow> {
  const row = await attachmentFetch(ctx.db, id)
  if (!row || !mayKnow(ctx, row.project_id)) {
    ctx.allows()
    throw attachmentNotFound(id)
  }
  ctx.authorize({ project_id: row.project_id, user_id: row.user_id }, rule)
  return row
}

export interface AttachmentDraft {
  id?: string | undefined
  volumeId: string
  serverId: string | null
  mountpoint?: string | null | undefined
  mode?: 'rw' | 'ro' | null | undefined
  connector?: Record<string, unknown> | null | undefined
  /** made for a guest by the compute service */
  owned?: boolean
}

/** Holds the volume (available → reserved), or joins its other attachments when it is for many. In the caller's transaction. */
export async function attachmentAdd(tx: Context, draft: AttachmentDraft): Promise<{ row: AttachmentRow; volume: VolumeRow }> {
  return attachmentAddTo(tx, await volumeRowGet(tx, draft.volumeId, 'volume:attachment_create'), draft)
}

/** The same for a volume that the caller has looked up, or made. */
export async function attachmentAddTo(
  tx: Context,
  volume: VolumeRow,
  draft: AttachmentDraft,
): Promise<{ row: AttachmentRow; volume: VolumeRow }> {
  const others = await attachmentsOfVolume(tx.db, volume.id)
  const id = draft.id ?? tx.ids.uuid()
  const again = others.find((other) => other.id === id)
  if (again) return { row: again, volume }
  const from = volume.multiattach === 1 ? ['available', 'in-use', 'reserved', 'attaching'] : ['available']
  const readOnly = textMap(volume.admin_metadata)['readonly'] === 'True'
  if (readOnly && draft.mode === 'rw') throw invalidVolume(`Invalid attaching mode 'rw' for volume ${volume.id}.`)
  const change = { status: others.some((other) => other.status === 'attached') ? 'in-use' : 'reserved', updated_at: now(tx) }
  const taken = await volumeAdvance(tx.db, volume.id, from, change)
  if (!taken)
    throw invalidVolume(
      `Volume ${volume.id} status must be available or downloading to reserve, but the current status is ${volume.status}.`,
    )
  // whatever its status was set to: the rows know who may write
  if (volume.multiattach === 0 && others.length > 0) throw invalidVolume(`volume ${volume.id} already has an attachment.`)
  const row: AttachmentRow = {
    id,
    volume_id: volume.id,
    server_id: draft.serverId,
    project_id: volume.project_id,
    user_id: tx.actor.userId,
    attached_host: null,
    mountpoint: draft.mountpoint ?? null,
    attach_mode: readOnly ? 'ro' : (draft.mode ?? null),
    status: 'reserved',
    owned: draft.owned ? 1 : 0,
    connector: null,
    connection: null,
    created_at: now(tx),
    attached_at: null,
    detached_at: null,
  }
  await attachmentInsert(tx.db, row)
  await eventAppend(tx, {
    resourceType: 'volume',
    resourceId: volume.id,
    projectId: volume.project_id,
    action: 'attach',
    event: 'reserve',
    result: 'success',
    details: { attachmentId: id, serverId: draft.serverId },
  })
  return { row, volume: taken }
}

/** A client says where it will attach (→ attaching). For attachments that are not a guest's. */
export async function attachmentSetConnector(
  ctx: Context,
  id: string,
  connector: Record<string, unknown>,
  mode: 'rw' | 'ro' = 'rw',
): Promise<AttachmentRow> {
  return ctx.transaction(async (tx) => {
    const row = await attachmentRowGet(tx, id, 'volume:attachment_update')
    refuseOwned(row)
    const host = typeof connector['host'] === 'string' ? connector['host'] : null
    const change = {
      status: 'attaching' as const,
      connector: JSON.stringify(connector),
      attached_host: host,
      attach_mode: row.attach_mode ?? mode,
      mountpoint: typeof connector['mountpoint'] === 'string' ? connector['mountpoint'] : row.mountpoint,
    }
    if (!(await attachmentAdvance(tx.db, id, ['reserved', 'attaching'], change))) throw invalidVolume(`Attachment ${id} is ${row.status}.`)
    await statusFollow(tx, row.volume_id)
    return { ...row, ...change }
  })
}

/** The volume's bytes are in use now (→ in-use). */
export async function attachmentFinish(tx: Context, row: AttachmentRow, mountpoint?: string): Promise<void> {
  if (row.status === 'attached') return
  const change = {
    status: 'attached' as const,
    attached_at: now(tx),
    ...defined({ mountpoint }),
    attach_mode: row.attach_mode ?? 'rw',
  }
  if (!(await attachmentAdvance(tx.db, row.id, ['reserved', 'attaching', 'detaching', 'error_attaching'], change)))
    throw invalidVolume(`Attachment ${row.id} is ${row.status}.`)
  await statusFollow(tx, row.volume_id)
  await eventAppend(tx, {
    resourceType: 'volume',
    resourceId: row.volume_id,
    projectId: row.project_id,
    action: 'attach',
    result: 'success',
    details: { attachmentId: row.id, serverId: row.server_id },
  })
}

/** attached → detaching */
export async function attachmentLeave(tx: Context, row: AttachmentRow): Promise<void> {
  if (!(await attachmentAdvance(tx.db, row.id, ['attached'], { status: 'detaching' }))) {
    throw invalidVolume(`Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.`)
  }
  await statusFollow(tx, row.volume_id)
}

/** detaching → attached */
export async function attachmentStay(tx: Context, row: AttachmentRow): Promise<void> {
  if (await attachmentAdvance(tx.db, row.id, ['detaching'], { status: 'attached' })) await statusFollow(tx, row.volume_id)
}

/** Connected to no host, and still its server's (→ reserved). */
export async function attachmentHold(tx: Context, row: AttachmentRow): Promise<void> {
  await attachmentUpdate(tx.db, row.id, { status: 'reserved', connection: null })
  await statusFollow(tx, row.volume_id)
}

/** The record goes; the volume's state follows what is left. */
export async function attachmentForget(tx: Context, row: AttachmentRow): Promise<void> {
  await attachmentDelete(tx.db, row.id)
  await statusFollow(tx, row.volume_id)
  await eventAppend(tx, {
    resourceType: 'volume',
    resourceId: row.volume_id,
    projectId: row.project_id,
    action: 'detach',
    result: 'success',
    details: { attachmentId: row.id, serverId: row.server_id },
  })
}

/** A client takes back an attachment of its own. */
export async function attachmentTakeBack(ctx: Context, id: string): Promise<AttachmentRow[]> {
  return ctx.transaction(async (tx) => {
    const row = await attachmentRowGet(tx, id, 'volume:attachment_delete')
    refuseOwned(row)
    await attachmentForget(tx, row)
    return attachmentsOfVolume(tx.db, row.volume_id)
  })
}

/** Attack 21: a guest may still write to it. */
export function refuseOwned(row: Pick<AttachmentRow, 'owned' | 'server_id'>): void {
  if (row.owned === 1) throw conflict(`Detach volume from instance ${row.server_id} using the Compute API`)
}

const following: Record<AttachmentStatus, string> = {
  attached: 'in-use',
  attaching: 'attaching',
  detaching: 'detaching',
  reserved: 'reserved',
  error_attaching: 'error',
  error_detaching: 'error',
}
const order: AttachmentStatus[] = ['attached', 'detaching', 'attaching', 'reserved', 'error_attaching', 'error_detaching']
/** states that attachments decide about; in any other, something else is under way and ends it */
const governed = ['available', 'reserved', 'attaching', 'in-use', 'detaching']

/** The volume's status is that of its attachments. */
export async function statusFollow(tx: Context, volumeId: string): Promise<void> {
  const rows = await attachmentsOfVolume(tx.db, volumeId)
  const strongest = order.find((status) => rows.some((row) => row.status === status))
  const status = strongest === undefined ? 'available' : following[strongest]
  const volume = await volumeFetch(tx.db, volumeId)
  if (!volume) return
  if (governed.includes(volume.status)) await volumeUpdate(tx.db, volumeId, { status, updated_at: now(tx) })
  // an extend, an upload, … that is under way returns to what is true then
  else if (volume.previous_status !== null && governed.includes(volume.previous_status))
    await volumeUpdate(tx.db, volumeId, { previous_status: status })
}

/** Records how the host serves the volume to the attachment (→ attaching). */
export async function attachmentSetConnection(ctx: Context, row: AttachmentRow, connection: VolumeConnection): Promise<void> {
  await ctx.transaction(async (tx) => {
    await attachmentUpdate(tx.db, row.id, { connection: JSON.stringify(connection) })
    if (await attachmentAdvance(tx.db, row.id, ['reserved'], { status: 'attaching' })) await statusFollow(tx, row.volume_id)
  })
}

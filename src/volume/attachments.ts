// Attachments: who may write to a volume. Rows decide (one writer, several only for a multiattach type); hosts carry it
// out. What the compute service attached to a guest, only that takes away (attack 21). How clients and how the compute
// service drive them: client-attachments.ts, server-attachments.ts.
import { isoMillis } from '../platform/clock.ts'
import { lookup, ofProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { assert, conflict, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidVolume } from './errors.ts'
import { attachmentRows, attachmentsOfVolume, type AttachmentRow, type AttachmentStatus } from './store/attachments.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { volumeRowGet } from './volumes.ts'

export type { AttachmentRow } from './store/attachments.ts'

const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

/** How an attachment's state changes, and from which states; what is not written here does not happen. One begins as 'reserved'. */
const transitions = {
  /** a client says where it attaches, or says so again */
  update: { from: ['reserved', 'attaching'], to: 'attaching' },
  /** its host serves the volume */
  connect: { from: ['reserved'], to: 'attaching' },
  /** the volume's bytes are in use; also for a detaching that did not come about */
  complete: { from: ['reserved', 'attaching', 'detaching', 'error_attaching'], to: 'attached' },
  beginDetaching: { from: ['attached'], to: 'detaching' },
  rollDetaching: { from: ['detaching'], to: 'attached' },
  /** no host serves it any more; the volume is still its server's */
  disconnect: { from: ['reserved', 'attaching', 'attached', 'detaching', 'error_attaching', 'error_detaching'], to: 'reserved' },
} satisfies Record<string, { from: AttachmentStatus[]; to: AttachmentStatus }>

/** The row as it is then, or undefined when its state does not allow the transition; the volume's status follows. */
export async function attachmentMove(
  tx: Context,
  row: AttachmentRow,
  transition: keyof typeof transitions,
  more: Partial<AttachmentRow> = {},
): Promise<AttachmentRow | undefined> {
  const { from, to } = transitions[transition]
  const change = { ...more, status: to }
  if (!(await attachmentRows.advance(tx.db, { id: row.id, status: from }, change))) return undefined
  await statusFollow(tx, row.volume_id)
  return { ...row, ...change }
}

export const attachmentNotFound = (id: string) => notFound(`Volume attachment could not be found with filter: attachment_id = ${id}.`)

export const attachmentGet = lookup<AttachmentRow>({
  find: (ctx, id) => attachmentRows.fetch(ctx.db, id),
  target: ({ project_id, user_id }) => ({ project_id, user_id }),
  knows: ofProject,
  missing: attachmentNotFound,
})

export interface AttachmentDraft {
  id?: string | undefined
  volumeId: string
  serverId: string | null
  mountpoint?: string | null | undefined
  mode?: 'rw' | 'ro' | null | undefined
  /** made for a guest by the compute service */
  owned?: boolean
}

/** Reserves the volume (available → reserved), or joins its other attachments when it is for many. In the caller's transaction. */
export const attachmentCreate = async (tx: Context, draft: AttachmentDraft): Promise<{ row: AttachmentRow; volume: VolumeRow }> =>
  attachmentCreateOf(tx, await volumeRowGet(tx, draft.volumeId, 'volume:attachment_create'), draft)

/** The same for a volume that the caller has looked up, or made. */
export async function attachmentCreateOf(
  tx: Context,
  volume: VolumeRow,
  draft: AttachmentDraft,
): Promise<{ row: AttachmentRow; volume: VolumeRow }> {
  const others = await attachmentsOfVolume(tx.db, volume.id)
  const id = draft.id ?? tx.ids.uuid()
  const again = others.find((other) => other.id === id)
  if (again) return { row: again, volume }
  const from = volume.multiattach ? ['available', 'in-use', 'reserved', 'attaching'] : ['available']
  const readOnly = volume.admin_metadata['readonly'] === 'True'
  if (readOnly && draft.mode === 'rw') throw invalidVolume(`Invalid attaching mode 'rw' for volume ${volume.id}.`)
  const change = { status: others.some((other) => other.status === 'attached') ? 'in-use' : 'reserved', updated_at: now(tx) }
  const taken = await volumeRows.advance(tx.db, { id: volume.id, status: from }, change)
  if (!taken)
    throw invalidVolume(
      `Volume ${volume.id} status must be available or downloading to reserve, but the current status is ${volume.status}.`,
    )
  // an admin may have set its status to anything: the rows decide who may write
  if (!volume.multiattach && others.length > 0) throw invalidVolume(`volume ${volume.id} already has an attachment.`)
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
    owned: draft.owned ?? false,
    connector: null,
    connection: null,
    created_at: now(tx),
    attached_at: null,
    detached_at: null,
  }
  await attachmentRows.insert(tx.db, row)
  await recordEvent(tx, row, { action: 'attach', event: 'reserve' })
  return { row, volume: taken }
}

const recordEvent = (tx: Context, row: AttachmentRow, what: { action: 'attach' | 'detach'; event?: string }) =>
  eventAppend(tx, {
    ...what,
    resourceType: 'volume',
    resourceId: row.volume_id,
    projectId: row.project_id,
    result: 'success',
    details: { attachmentId: row.id, serverId: row.server_id },
  })

/** The row of an attachment that must be there. */
export async function attachmentMustFetch(ctx: Context, id: string): Promise<AttachmentRow> {
  const row = await attachmentRows.fetch(ctx.db, id)
  assert(row, `there is no attachment ${id}`)
  return row
}

/** The volume's bytes are in use now (→ in-use). In the caller's transaction. */
export async function attachmentComplete(tx: Context, id: string, mountpoint?: string): Promise<void> {
  const row = await attachmentMustFetch(tx, id)
  if (row.status === 'attached') return
  const change = { attached_at: now(tx), attach_mode: row.attach_mode ?? 'rw', ...defined({ mountpoint }) }
  if (!(await attachmentMove(tx, row, 'complete', change))) throw invalidVolume(`Attachment ${id} is ${row.status}.`)
  await recordEvent(tx, row, { action: 'attach' })
}

export const notAttached = () =>
  invalidVolume(`Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.`)

/** in-use → detaching, refused in any other state. In the caller's transaction. */
export async function attachmentBeginDetaching(tx: Context, id: string): Promise<void> {
  if (!(await attachmentMove(tx, await attachmentMustFetch(tx, id), 'beginDetaching'))) throw notAttached()
}

/** detaching → in-use: the guest did not release it. */
export async function attachmentRollDetaching(tx: Context, id: string): Promise<void> {
  const row = await attachmentRows.fetch(tx.db, id)
  if (row) await attachmentMove(tx, row, 'rollDetaching')
}

/** The row goes; the volume's status follows the attachments that are left. */
export async function attachmentDelete(tx: Context, row: AttachmentRow): Promise<void> {
  await attachmentRows.delete(tx.db, row.id)
  await statusFollow(tx, row.volume_id)
  await recordEvent(tx, row, { action: 'detach' })
}

/** Attack 21: a guest may still write to it. */
export function refuseOwned(row: Pick<AttachmentRow, 'owned' | 'server_id'>): void {
  if (row.owned) throw conflict(`Detach volume from instance ${row.server_id} using the Compute API`)
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
  const volume = await volumeRows.fetch(tx.db, volumeId)
  if (!volume) return
  if (governed.includes(volume.status)) await volumeRows.update(tx.db, volumeId, { status, updated_at: now(tx) })
  // an extend, an upload, … that is under way returns to what is true then
  else if (volume.previous_status !== null && governed.includes(volume.previous_status))
    await volumeRows.update(tx.db, volumeId, { previous_status: status })
}

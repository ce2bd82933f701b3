// Attachments as the compute service drives them for its guests: rows and the host together. Exported by index.ts.
import type { VolumeConnection } from '../contract/volumes.ts'
import type { Context } from '../platform/context.ts'
import { assert } from '../platform/errors.ts'
import type { WorkContext } from '../platform/work/definition.ts'
import {
  attachmentCreate,
  attachmentCreateOf,
  attachmentDelete,
  attachmentMove,
  attachmentMustFetch,
  type AttachmentRow,
} from './attachments.ts'
import { volumeNotFound } from './errors.ts'
import { attachmentRows, attachmentsOfServersFetch, attachmentsOfVolume } from './store/attachments.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'

export interface AttachmentWanted {
  volumeId: string
  serverId: string
  /** made by the caller when it must be known before */
  attachmentId?: string
  /** '/dev/vdb' */
  mountpoint?: string | null
  readOnly?: boolean
}

export interface AttachmentFacts {
  attachmentId: string
  volumeId: string
  serverId: string
  mountpoint: string | null
  /** 'reserved', 'attaching', 'attached', 'detaching' */
  status: string
  readOnly: boolean
  sizeGib: number
  multiattach: boolean
  bootable: boolean
  /** filled by attachmentConnect */
  connection: VolumeConnection | null
}

const attachmentFacts = (row: AttachmentRow, volume: Pick<VolumeRow, 'size' | 'multiattach' | 'bootable'>): AttachmentFacts => ({
  attachmentId: row.id,
  volumeId: row.volume_id,
  serverId: row.server_id ?? '',
  mountpoint: row.mountpoint,
  status: row.status,
  readOnly: row.attach_mode === 'ro',
  sizeGib: volume.size,
  multiattach: volume.multiattach,
  bootable: volume.bootable,
  connection: row.connection === null ? null : row.connection,
})

/** Reserves the volume for a server (available → reserved) or refuses: not found, wrong status, in use. In the caller's transaction. */
export async function attachmentReserve(tx: Context, wanted: AttachmentWanted): Promise<AttachmentFacts> {
  const { row, volume } = await attachmentCreate(tx, attachmentDraft(wanted))
  return attachmentFacts(row, volume)
}

/** The same for a volume that the caller's work has made itself: no permission is asked. */
export async function attachmentReserveMade(tx: Context, wanted: AttachmentWanted): Promise<AttachmentFacts> {
  const made = await volumeRows.fetch(tx.db, wanted.volumeId)
  if (!made) throw volumeNotFound(wanted.volumeId)
  const { row, volume } = await attachmentCreateOf(tx, made, attachmentDraft(wanted))
  return attachmentFacts(row, volume)
}

const attachmentDraft = (wanted: AttachmentWanted) => ({
  id: wanted.attachmentId,
  volumeId: wanted.volumeId,
  serverId: wanted.serverId,
  mountpoint: wanted.mountpoint,
  mode: wanted.readOnly ? ('ro' as const) : null,
  owned: true,
})

/** Many writers count as one for the host: it is the rows that allowed them. */
const holder = (volume: VolumeRow, attachmentId: string): string | undefined => (volume.multiattach ? undefined : attachmentId)

/** The host hands the volume to this attachment (reserved → attaching). A saga step's `run`; may be called again. */
export async function attachmentConnect(work: WorkContext, attachmentId: string): Promise<VolumeConnection> {
  const { ctx, call } = work
  const row = await attachmentMustFetch(ctx, attachmentId)
  const volume = await volumeRows.fetch(ctx.db, row.volume_id)
  assert(volume, `the attachment ${attachmentId} has no volume`)
  const connection = await ctx.hosts.get(volume.host ?? '').volumes.connect(volume.id, call, holder(volume, attachmentId))
  await ctx.transaction(async (tx) => {
    await attachmentRows.update(tx.db, row.id, { connection: connection })
    await attachmentMove(tx, row, 'connect')
  })
  return connection
}

/** Ends the connection at the host, and the attachment (→ available). Also the undo of reserve and connect; fine when it is gone. */
export async function attachmentDetach(work: WorkContext, attachmentId: string): Promise<void> {
  await disconnect(work, attachmentId)
  await work.ctx.transaction(async (tx) => {
    const still = await attachmentRows.fetch(tx.db, attachmentId)
    if (still) await attachmentDelete(tx, still)
  })
}

/** Ends the connection at the host; the volume stays reserved, nobody else gets it. Fine when the attachment is gone. */
export async function attachmentDisconnect(work: WorkContext, attachmentId: string): Promise<void> {
  await disconnect(work, attachmentId)
  await work.ctx.transaction(async (tx) => {
    const still = await attachmentRows.fetch(tx.db, attachmentId)
    if (still) await attachmentMove(tx, still, 'disconnect', { connection: null })
  })
}

async function disconnect({ ctx, call }: WorkContext, attachmentId: string): Promise<void> {
  const row = await attachmentRows.fetch(ctx.db, attachmentId)
  if (!row) return
  const volume = await volumeRows.fetch(ctx.db, row.volume_id)
  const others = (await attachmentsOfVolume(ctx.db, row.volume_id)).filter(
    (other) => other.id !== attachmentId && other.connection !== null,
  )
  const last = !volume?.multiattach || others.length === 0
  if (volume?.host && last) await ctx.hosts.get(volume.host).volumes.disconnect(volume.id, call, holder(volume, attachmentId))
}

/** Releases an attachment that was only reserved (no host ever saw it), in the caller's transaction; fine when it is gone. */
export async function attachmentRelease(tx: Context, attachmentId: string): Promise<void> {
  const row = await attachmentRows.fetch(tx.db, attachmentId)
  if (!row) return
  assert(row.connection === null, `the attachment ${attachmentId} is connected: end it by attachmentDetach`)
  await attachmentDelete(tx, row)
}

/** Attachments per server, oldest first; servers without one are left out. One query. */
export async function attachmentsOfServers(ctx: Context, serverIds: string[]): Promise<Map<string, AttachmentFacts[]>> {
  const result = new Map<string, AttachmentFacts[]>()
  if (serverIds.length === 0) return result
  for (const row of await attachmentsOfServersFetch(ctx.db, serverIds)) {
    const found = attachmentFacts(row, row)
    result.set(found.serverId, [...(result.get(found.serverId) ?? []), found])
  }
  return result
}

/** The servers that have it. */
export const serversOfVolume = async (ctx: Context, volumeId: string): Promise<string[]> =>
  (await attachmentsOfVolume(ctx.db, volumeId)).flatMap(({ owned, server_id, status }) =>
    owned && server_id !== null && status === 'attached' ? [server_id] : [],
  )

// Transfers: a volume, with its snapshots unless they stay, is offered to a project that knows the key.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { lenientBoolean } from '../platform/api/words.ts'
import { isoMillis } from '../platform/clock.ts'
import { knowsProject, lookup } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, notFound } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidVolume } from './errors.ts'
import { pageOf, type ListQuery } from './listing.ts'
import { quotaCheck } from './quota.ts'
import { attachmentsOfVolume } from './store/attachments.ts'
import type { ColumnFilter } from './store/filters.ts'
import { snapshotsMove, snapshotsOfVolume } from './store/snapshots.ts'
import { transferRows, transfersPage, type TransferRow } from './store/transfers.ts'
import { volumeRows } from './store/volumes.ts'
import { volumeRowGet } from './volumes.ts'

export type { TransferRow } from './store/transfers.ts'

const transferNotFound = (id: string) => notFound(`Transfer ${id} could not be found.`)
const hash = (salt: string, key: string) => createHmac('sha256', salt).update(key).digest()
const now = (ctx: Context) => isoMillis(ctx.clock.nowMs())

/** Another project's is known by nobody but admins; the key decides about the rest. */
export const transferGet = lookup<TransferRow>({
  find: (ctx, id) => transferRows.fetch(ctx.db, id),
  target: (row) => ({ project_id: row.source_project_id }),
  knows: (ctx, row) => knowsProject(ctx, row.source_project_id),
  missing: transferNotFound,
})

export interface TransferWanted {
  volumeId: string
  name: string | null
  noSnapshots: boolean
}

export async function transferCreate(
  ctx: Context,
  { volumeId, name, noSnapshots }: TransferWanted,
): Promise<{ row: TransferRow; authKey: string }> {
  const authKey = ctx.ids.bytes(8).toString('hex')
  const salt = ctx.ids.bytes(4).toString('hex')
  return ctx.transaction(async (tx) => {
    const volume = await volumeRowGet(tx, volumeId)
    if (volume.encrypted) throw invalidVolume('transferring encrypted volume is not supported')
    if ((await attachmentsOfVolume(tx.db, volumeId)).length > 0 || volume.status !== 'available')
      throw invalidVolume('status must be available')
    if (volume.group_id !== null) throw invalidVolume('a volume of a group cannot be transferred')
    if ((await snapshotsOfVolume(tx.db, volumeId)).some(({ status }) => status !== 'available') && !noSnapshots) {
      throw invalidVolume('all snapshots of the volume must be available')
    }
    await volumeRows.advance(tx.db, { id: volumeId, status: ['available'] }, { status: 'awaiting-transfer', updated_at: now(tx) })
    const row: TransferRow = {
      id: tx.ids.uuid(),
      name,
      volume_id: volumeId,
      salt,
      auth_hash: hash(salt, authKey).toString('hex'),
      source_project_id: volume.project_id,
      destination_project_id: null,
      accepted: false,
      no_snapshots: noSnapshots,
      created_at: now(tx),
    }
    await transferRows.insert(tx.db, row)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: volumeId,
      projectId: volume.project_id,
      action: 'transfer',
      result: 'start',
    })
    return { row, authKey }
  })
}

export async function transferAccept(ctx: Context, id: string, authKey: string): Promise<TransferRow> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    const row = await transferRows.fetch(tx.db, id)
    if (!row) throw transferNotFound(id)
    if (!timingSafeEqual(hash(row.salt, authKey), Buffer.from(row.auth_hash, 'hex')))
      throw badRequest(`Invalid auth key: Attempt to transfer ${id} with invalid auth key.`)
    const volume = await volumeRows.fetch(tx.db, row.volume_id)
    if (!volume || volume.status !== 'awaiting-transfer') throw invalidVolume(`Transfer ${id}: Volume status must be awaiting-transfer.`)
    const { projectId } = tx
    const snapshots = await snapshotsOfVolume(tx.db, volume.id)
    const along = row.no_snapshots ? [] : snapshots
    if (row.no_snapshots && snapshots.length > 0)
      throw invalidVolume('The volume has snapshots that were to stay behind: delete them first.')
    const gib = volume.size + along.reduce((sum, { size }) => sum + size, 0)
    await quotaCheck(tx, { projectId, typeId: volume.volume_type_id, volumes: 1, snapshots: along.length, gib, volumeGib: volume.size })
    const owner = { project_id: projectId, user_id: tx.actor.userId }
    await volumeRows.advance(
      tx.db,
      { id: volume.id, status: ['awaiting-transfer'] },
      { ...owner, status: 'available', updated_at: now(tx) },
    )
    await snapshotsMove(tx.db, volume.id, owner)
    await transferRows.delete(tx.db, id)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: volume.id,
      projectId,
      action: 'transfer',
      result: 'success',
      details: { from: row.source_project_id },
    })
    return { ...row, accepted: true, destination_project_id: projectId }
  })
}

export async function transferDelete(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await transferGet(tx, id)
    await volumeRows.advance(tx.db, { id: row.volume_id, status: ['awaiting-transfer'] }, { status: 'available', updated_at: now(tx) })
    await transferRows.delete(tx.db, id)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: row.volume_id,
      projectId: row.source_project_id,
      action: 'transfer',
      result: 'error',
      message: 'cancelled',
    })
  })
}

export async function transfersList(ctx: Context, query: ListQuery): Promise<TransferRow[]> {
  ctx.authorize()
  const everywhere = lenientBoolean(query.allTenants) && ctx.isAdmin
  const columns: ColumnFilter[] = everywhere ? [] : [{ column: 'source_project_id', comparison: '=', value: ctx.projectId }]
  const marker = async (id: string) => {
    const row = await transferRows.fetch(ctx.db, id)
    if (!row) throw transferNotFound(id)
    return row
  }
  return transfersPage(ctx.db, { columns }, await pageOf(query, marker))
}

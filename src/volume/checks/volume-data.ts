// Volumes' data on a host against their rows: what is there, how large, with which snapshots, and who may write. Data
// that no row explains is removed only when the timeline proves that it was deleted: it is somebody's disk.
import type { Host } from '../../contract/host.ts'
import type { Context } from '../../platform/context.ts'
import { isToldDeleted } from '../../platform/events.ts'
import type { Check, Finding } from '../../platform/fsck/check.ts'
import {
  attachmentsOfHost,
  snapshotsOfHost,
  volumesOfHost,
  type HostAttachment,
  type HostSnapshot,
  type HostVolume,
} from '../store/checks.ts'
import { volumeRows } from '../store/volumes.ts'
import {
  connectRepair,
  dataRemoveRepair,
  disconnectRepair,
  extendRepair,
  sizeRepair,
  snapshotDataRemoveRepair,
  snapshotFailRepair,
  volumeFailRepair,
} from './repairs.ts'

export const volumeDataCheck: Check = { name: 'volume-data', invariant: 4, findOnHost: find }

type Data = Awaited<ReturnType<Host['volumes']['list']>>[number]

interface Whole {
  row: HostVolume
  data: Data
  snapshots: HostSnapshot[]
  attachments: HostAttachment[]
}

async function* find(ctx: Context, host: Host): AsyncGenerator<Finding> {
  const rows = await ctx.transaction(async ({ db }) => ({
    volumes: await volumesOfHost(db, host.name),
    snapshots: await snapshotsOfHost(db, host.name),
    attachments: await attachmentsOfHost(db, host.name),
  }))
  const data = new Map((await host.volumes.list()).map((each) => [each.volumeId, each]))
  const known = new Set(rows.volumes.map(({ id }) => id))
  yield* strangers(
    ctx,
    host,
    [...data.values()].filter(({ volumeId }) => !known.has(volumeId)),
  )
  const snapshots = Map.groupBy(rows.snapshots, ({ volume_id }) => volume_id)
  const attachments = Map.groupBy(rows.attachments, ({ volume_id }) => volume_id)
  for (const row of rows.volumes) {
    const found = data.get(row.id)
    const whole = { row, snapshots: snapshots.get(row.id) ?? [], attachments: attachments.get(row.id) ?? [] }
    if (found) yield* differences(ctx, host, { ...whole, data: found })
    else if (!mayLackData(row.status)) yield missing(host, whole)
  }
}

const mayLackData = (status: string) =>
  ['creating', 'downloading', 'deleting', 'managing', 'unmanaging'].includes(status) || status.startsWith('error')
const serversOf = (attachments: HostAttachment[]) => attachments.flatMap(({ server_id }) => server_id ?? [])

async function* strangers(ctx: Context, host: Host, all: Data[]): AsyncGenerator<Finding> {
  if (all.length === 0) return
  const rows = new Map(
    (
      await volumeRows.many(
        ctx.db,
        all.map(({ volumeId }) => volumeId),
      )
    ).map((row) => [row.id, row]),
  )
  for (const data of all) {
    const { volumeId, sizeGib } = data
    const row = rows.get(volumeId)
    if (row?.host === host.name) continue
    // a size of 0: it was never finished
    const isNobodys = !row && (sizeGib === 0 || (await isToldDeleted(ctx.db, 'volume', volumeId)))
    const why = row
      ? `its volume is on ${row.host ?? 'no host'}`
      : isNobodys
        ? 'its volume is deleted'
        : 'no row explains it, and nothing proves that it was deleted'
    const message = `${host.name} holds data of ${sizeGib} GiB: ${why}`
    yield {
      resourceType: 'volume',
      resourceId: volumeId,
      host: host.name,
      message,
      ...(isNobodys ? { repair: dataRemoveRepair(host, data) } : {}),
    }
  }
}

function missing(host: Host, { row, attachments }: Omit<Whole, 'data'>): Finding {
  const message = `${host.name} does not hold its data`
  return {
    resourceType: 'volume',
    resourceId: row.id,
    host: host.name,
    concerns: serversOf(attachments),
    message,
    repair: volumeFailRepair(row, message),
  }
}

async function* differences(ctx: Context, host: Host, whole: Whole): AsyncGenerator<Finding> {
  const { row, data, attachments } = whole
  const of = { resourceType: 'volume', resourceId: row.id, host: host.name, concerns: serversOf(attachments) }
  if (data.sizeGib !== row.size && !row.status.startsWith('error') && row.status !== 'deleting') {
    const repair = data.sizeGib < row.size ? extendRepair(host, row) : sizeRepair(row, data.sizeGib)
    yield { ...of, message: `it has ${row.size} GiB, its data on ${host.name} ${data.sizeGib}`, repair }
  }
  yield* snapshotDifferences(ctx, host, whole)
  const writer = writerOf(whole)
  if (writer === data.attachmentId) return
  if (data.attachmentId !== null) {
    yield {
      ...of,
      message: `${host.name} lets the attachment ${data.attachmentId || 'of many'} write, which is not the volume's`,
      repair: disconnectRepair(host, row.id, data.attachmentId),
    }
  } else if (writer !== null) {
    yield {
      ...of,
      message: `${host.name} does not serve it to its attachment ${writer || 'of many'}`,
      repair: connectRepair(host, row.id, writer),
    }
  }
}

/** The attachment that the rows let write; '' stands for any number of attachments. */
function writerOf({ row, attachments, data }: Whole): string | null {
  const connected = attachments.filter(({ connection }) => connection !== null)
  if (row.multiattach) return connected.length > 0 ? '' : null
  // several are a difference of their own; whichever the host serves is one of them
  return connected.find(({ id }) => id === data.attachmentId)?.id ?? connected[0]?.id ?? null
}

async function* snapshotDifferences(ctx: Context, host: Host, { row, data, snapshots }: Whole): AsyncGenerator<Finding> {
  const kept = new Set(data.snapshotIds)
  const rows = new Set(snapshots.map(({ id }) => id))
  for (const { id, status, group_snapshot_id } of snapshots) {
    if (kept.has(id) || status.startsWith('error') || status === 'creating' || status === 'deleting' || status === 'unmanaging') continue
    const message = `${host.name} does not hold it`
    const concerns = [row.id, ...(group_snapshot_id === null ? [] : [group_snapshot_id])]
    yield { resourceType: 'snapshot', resourceId: id, host: host.name, concerns, message, repair: snapshotFailRepair(id, message) }
  }
  for (const id of kept) {
    if (rows.has(id)) continue
    const isNobodys = await isToldDeleted(ctx.db, 'snapshot', id)
    const message = `${host.name} holds it in the volume ${row.id}: ${isNobodys ? 'it is deleted' : 'no row explains it, and nothing proves that it was deleted'}`
    yield {
      resourceType: 'snapshot',
      resourceId: id,
      host: host.name,
      concerns: [row.id],
      message,
      ...(isNobodys ? { repair: snapshotDataRemoveRepair(host, row.id, id) } : {}),
    }
  }
}

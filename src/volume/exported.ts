// What other domains use volumes by; exported by index.ts. Attachments: server-attachments.ts.
import type { ImageFacts } from '../image/index.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, conflict } from '../platform/errors.ts'
import { statusFollow } from './attachments.ts'
import { volumeNotFound } from './errors.ts'
import { snapshotCreate } from './snapshots.ts'
import { snapshotRows } from './store/snapshots.ts'
import { attachmentsOfVolume } from './store/attachments.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { volumeAccept as accept, volumeRowCreate, type AcceptedVolume, type VolumeDraft } from './volume-create.ts'
import { defaultTypeEnsure, typeMayBeUsed } from './volume-types.ts'
import { reimageBegin } from './volume-reimage.ts'
import { volumeDeleteUnlessKept, volumeRowGet, volumeTarget } from './volumes.ts'
import { snapshotOutsideSaga } from './work/snapshot-outside.ts'
import { reimageRun, volumeReimageSaga, type VolumeReimageData } from './work/volume-reimage.ts'

/** What other domains may know of a volume. */
export interface VolumeFacts {
  id: string
  name: string | null
  projectId: string
  /** 'creating', 'available', 'reserved', 'attaching', 'in-use', 'detaching', 'error', … */
  status: string
  createdAt: string
  /** why it is in error */
  reason: string | null
  sizeGib: number
  bootable: boolean
  multiattach: boolean
  availabilityZone: string
  /** the host that holds it; null while it is not scheduled */
  host: string | null
  /** the image that it was made from: its properties at that time */
  imageMetadata: Record<string, string>
}

export type { AcceptedVolume } from './volume-create.ts'

export interface NewVolume {
  /** made by the caller when it must be known before */
  id?: string
  /** null: that of the source */
  sizeGib: number | null
  name?: string | null
  description?: string | null
  volumeType?: string | null
  availabilityZone?: string | null
  metadata?: Record<string, string>
  source?:
    | { kind: 'blank' }
    | { kind: 'image'; imageId: string }
    | { kind: 'volume'; volumeId: string }
    | { kind: 'snapshot'; snapshotId: string }
  /** wanted place (the server's host); only a wish */
  host?: string
}

const facts = (row: VolumeRow): VolumeFacts => ({
  id: row.id,
  name: row.name,
  projectId: row.project_id,
  status: row.status,
  createdAt: row.created_at,
  reason: row.reason,
  sizeGib: row.size,
  bootable: row.bootable,
  multiattach: row.multiattach,
  availabilityZone: row.availability_zone,
  host: row.host,
  imageMetadata: row.image_metadata ?? {},
})

/** The volume, if this actor may see it; else 404. */
export const volumeGet = async (ctx: Context, id: string): Promise<VolumeFacts> => facts(await volumeRowGet(ctx, id, 'volume:get'))

/** Volumes by id, as the cloud sees them (no policy); unknown ids are left out. */
export async function volumesByIds(ctx: Context, ids: string[]): Promise<Map<string, VolumeFacts>> {
  return new Map((ids.length === 0 ? [] : await volumeRows.many(ctx.db, ids)).map((row) => [row.id, facts(row)]))
}

/** Whether the caller may use the type of this name or id. */
export const volumeTypeMayBeUsed = (ctx: Context, nameOrId: string): Promise<boolean> =>
  typeMayBeUsed(ctx, nameOrId).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && error.code === 'not_found') return false
      throw error
    },
  )

/** Looks up, with the caller's rights, all that a volume to be is made from; `volumeCreateAccepted` makes it, now or by work. */
export const volumeAccept = (tx: Context, volume: NewVolume): Promise<AcceptedVolume> => accept(tx, draftOf(volume))

/** Makes a volume that was accepted, without asking again; `host` is a wish. For work. */
export async function volumeCreateAccepted(
  ctx: Context,
  { draft, ...volume }: AcceptedVolume,
  place: { host?: string } = {},
): Promise<VolumeFacts> {
  return facts(await volumeRowCreate(ctx, { ...volume, draft: { ...draft, ...place } }))
}

function draftOf(volume: NewVolume): VolumeDraft {
  const source = volume.source ?? { kind: 'blank' }
  return {
    id: volume.id,
    sizeGib: volume.sizeGib,
    name: volume.name,
    description: volume.description,
    volumeType: volume.volumeType,
    availabilityZone: volume.availabilityZone,
    metadata: volume.metadata,
    imageId: source.kind === 'image' ? source.imageId : null,
    sourceVolumeId: source.kind === 'volume' ? source.volumeId : null,
    snapshotId: source.kind === 'snapshot' ? source.snapshotId : null,
    host: volume.host,
  }
}

/**
 * Starts the deletion, on behalf of the cloud (delete_on_termination); fine when it is gone or on its way. As in Nova, a volume stays
 * that has snapshots, that another server has attached meanwhile, or that was transferred to another project: its project deletes it.
 */
export async function volumeDeleteAccepted(ctx: Context, id: string, projectId = ctx.actor.projectId): Promise<void> {
  await ctx.transaction(async (tx) => {
    const found = await volumeRows.fetch(tx.db, id)
    const row = found?.project_id === projectId ? found : undefined
    const keeps = row ? await volumeDeleteUnlessKept(tx, row, { force: true }) : null
    if (keeps !== null) tx.log.warn({ volume: id, reason: keeps }, 'the volume is not deleted with what it was for')
  })
}

/** Snapshot of a volume, also of one in use, for server images; 'creating' until its saga is through. Returns its id. */
export async function volumeSnapshot(tx: Context, { volumeId, name }: { volumeId: string; name: string }): Promise<string> {
  return (await snapshotCreate(tx, { volumeId, name, description: null, metadata: {}, force: true })).id
}

export type AcceptedReimage = VolumeReimageData

/**
 * Accepts that a server's root volume is written anew from the image, with the caller's rights, in the caller's transaction
 * (in-use or error → downloading). Then a saga runs it while the guest stands still, and commits, or says that it failed.
 */
export async function volumeReimageAccept(
  tx: Context,
  { volumeId, image }: { volumeId: string; image: ImageFacts },
): Promise<AcceptedReimage> {
  const row = await volumeRowGet(tx, volumeId, 'volume:get')
  tx.authorize(volumeTarget(row), 'volume:reimage_reserved')
  if ((await attachmentsOfVolume(tx.db, volumeId)).length > 1)
    throw conflict('Cannot re-image a volume which is attached to more than one server.')
  return reimageBegin(tx, row, { image, from: ['in-use', 'reserved', 'error'] })
}

export const volumeReimageRun = reimageRun

/** In the caller's transaction; a volume that is not being written any more is left as it is. */
export async function volumeReimageFailed(tx: Context, accepted: AcceptedReimage, reason: string): Promise<void> {
  if ((await volumeRows.fetch(tx.db, accepted.volumeId))?.status === 'downloading') await volumeReimageSaga.fail(tx, accepted, reason)
}

/** In the caller's transaction (→ what its attachments say). */
export async function volumeReimageCommit(tx: Context, accepted: AcceptedReimage): Promise<void> {
  await volumeReimageSaga.done(tx, accepted)
  await volumeRows.advance(tx.db, { id: accepted.volumeId, status: ['error'] }, { status: 'in-use' })
  await statusFollow(tx, accepted.volumeId)
}

/** Takes or removes a snapshot in the volume's file that has no row here, in the caller's transaction. One with a row is refused. */
export async function snapshotOutside(
  tx: Context,
  { volumeId, name, remove }: { volumeId: string; name: string; remove: boolean },
): Promise<void> {
  const volume = await volumeRows.fetch(tx.db, volumeId)
  if (!volume?.host) throw volumeNotFound(volumeId)
  if (await snapshotRows.fetch(tx.db, name)) throw badRequest(`Invalid snapshot: ${name} is kept by the volume service.`)
  await snapshotOutsideSaga.begin(tx, { volumeId, projectId: volume.project_id, host: volume.host, name, remove })
}

/** The first volume type of a new cloud. */
export const volumeBootstrap = (ctx: Context): Promise<void> => defaultTypeEnsure(ctx)

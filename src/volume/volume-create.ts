// A new volume, in two parts: `volumeAccept` looks up, with the user's rights, all that the user named (source, type, group);
// `volumeRowCreate` decides about quota and place, writes the record and queues the work, and asks for no permission any more. For a
// request both are one transaction; a server's volumes are accepted with the server and made by its build.
import { imageGet, whyNoDisk, type ImageFacts } from '../image/index.ts'
import type { VolumeSource } from '../contract/volumes.ts'
import { isoMillis } from '../platform/clock.ts'
import { knowsProject } from '../platform/api/lookup.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest } from '../platform/errors.ts'
import { eventAppend } from '../platform/events.ts'
import { invalidInput, invalidSnapshot, invalidType, invalidVolume, snapshotNotFound, volumeNotFound } from './errors.ts'
import { groupForVolume } from './group-membership.ts'
import { quotaCheck } from './quota.ts'
import { volumeSchedule } from './scheduling.ts'
import { snapshotRows, type SnapshotRow } from './store/snapshots.ts'
import { typeRows } from './store/types.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { isMultiattach, typeForNew, typeMayBeUsed, typeNotFound } from './volume-types.ts'
import { checkMetadata } from './volumes.ts'
import { failureRecord } from './work/failure-message.ts'
import { volumeCreateSaga } from './work/volume-create.ts'

export interface VolumeDraft {
  id?: string | undefined
  /** null: that of the source */
  sizeGib: number | null
  name?: string | null | undefined
  description?: string | null | undefined
  /** name or id */
  volumeType?: string | null | undefined
  availabilityZone?: string | null | undefined
  metadata?: Record<string, string> | null | undefined
  imageId?: string | null | undefined
  sourceVolumeId?: string | null | undefined
  snapshotId?: string | null | undefined
  groupId?: string | null | undefined
  /** a wish */
  host?: string | undefined
}

/** The only zone of volumes. */
export const availabilityZone = 'nova'
const GiB = 2 ** 30
const largestGib = 2_147_483_647

/** What a volume is made from, as far as its record is concerned. */
export interface Origin {
  source: VolumeSource
  /** at least this */
  leastGib: number
  /** when no size is asked for */
  defaultGib: number | null
  typeId: string | null
  host: string | null
  bootable: boolean
  imageMetadata: Record<string, string> | null
}

declare const accepted: unique symbol

/** A volume that is still to be made; every id in it was looked up with its user's rights. Plain data for work; only `volumeAccept` makes one. */
export interface AcceptedVolume {
  readonly [accepted]: true
  draft: VolumeDraft
  origin: Origin
  sizeGib: number
  typeId: string
}

/** A request for a volume: accepted and made. */
export const volumeCreate = (ctx: Context, draft: VolumeDraft): Promise<VolumeRow> =>
  ctx.transaction(async (tx) => volumeRowCreate(tx, await volumeAccept(tx, draft)))

/** Looks up and checks all that the draft names, in the transaction that accepts it. */
export async function volumeAccept(tx: Context, draft: VolumeDraft): Promise<AcceptedVolume> {
  tx.authorize(undefined, 'volume:create')
  checkMetadata(draft.metadata ?? {})
  if (draft.availabilityZone && draft.availabilityZone !== availabilityZone)
    throw badRequest(`Availability zone '${draft.availabilityZone}' is invalid.`)
  const origin = await originOf(tx, draft)
  const sizeGib = sizeOf(draft.sizeGib, origin)
  const named = draft.volumeType || typeOfImage(origin)
  const type = named ? await typeMayBeUsed(tx, named) : await typeForNew(tx, origin.typeId)
  if (type.encryption !== null) throw invalidType('encrypted types are not supported.')
  if (draft.groupId) await groupForVolume(tx, draft.groupId, type.id)
  return { draft, origin, sizeGib, typeId: type.id } as AcceptedVolume
}

/** The type that the image of the new volume asks for, by name or id: an image's property, and so looked up like all that a user names. */
const typeOfImage = ({ source, imageMetadata }: Origin): string | undefined =>
  source.kind === 'image' ? imageMetadata?.['cinder_img_volume_type'] : undefined

/** Makes what was accepted, in the project of the actor. No permission is asked: work may call it. */
export async function volumeRowCreate(ctx: Context, { draft, origin, sizeGib: size, typeId }: AcceptedVolume): Promise<VolumeRow> {
  return ctx.transaction(async (tx) => {
    const type = await typeRows.fetch(tx.db, typeId)
    if (!type) throw typeNotFound(typeId)
    const { projectId } = tx
    await quotaCheck(tx, { projectId, typeId: type.id, volumes: 1, gib: size, volumeGib: size })
    const { host, details } = await volumeSchedule(tx, {
      sizeGib: size,
      requiredHost: origin.host,
      preferredHost: draft.host,
      specs: type.extra_specs,
    })
    const row: VolumeRow = {
      id: draft.id ?? tx.ids.uuid(),
      project_id: projectId,
      user_id: tx.actor.userId,
      name: draft.name ?? null,
      description: draft.description ?? null,
      status: host === null ? 'error' : 'creating',
      previous_status: null,
      size,
      growing_to: null,
      volume_type_id: type.id,
      availability_zone: availabilityZone,
      host,
      bootable: false,
      multiattach: isMultiattach(type),
      encrypted: false,
      source_volid: draft.sourceVolumeId ?? null,
      snapshot_id: draft.snapshotId ?? null,
      group_id: draft.groupId ?? null,
      migration_status: null,
      metadata: draft.metadata ?? {},
      admin_metadata: {},
      image_metadata: origin.imageMetadata,
      reason: host === null ? noHost : null,
      created_at: isoMillis(tx.clock.nowMs()),
      updated_at: null,
      launched_at: null,
    }
    await volumeRows.insert(tx.db, row)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: row.id,
      action: 'create',
      event: 'schedule',
      result: 'decision',
      message: host === null ? noHost : `Chose host ${host}`,
      host,
      details,
    })
    if (host === null)
      await failureRecord(tx, { resourceType: 'volume', resourceId: row.id, projectId, action: 'create', reason: noHost, details })
    else {
      const data = {
        volumeId: row.id,
        projectId,
        host,
        sizeGib: size,
        source: origin.source,
        bootable: origin.bootable,
        fate: fateOf(draft.metadata ?? {}),
      }
      await tx.work.enqueue(tx, volumeCreateSaga, data, { resourceId: row.id })
    }
    return row
  })
}

const noHost = 'No storage could be allocated for this volume request. You may be able to try another size or volume type.'

/** `fake:…` in the metadata: what the fake driver shall do with it. */
export const fateOf = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).flatMap(([name, value]) => (name.startsWith('fake:') ? [[name.slice(5), value]] : [])))

function sizeOf(asked: number | null, { leastGib, defaultGib, source }: Origin): number {
  const size = asked ?? defaultGib
  if (size === null) throw invalidInput(`Volume size '${asked}' must be an integer and greater than 0`)
  if (!Number.isInteger(size) || size <= 0 || size > largestGib)
    throw invalidInput(`Volume size '${size}' must be an integer and greater than 0`)
  if (size >= leastGib) return size
  if (source.kind === 'snapshot')
    throw invalidInput(
      `Volume size '${size}'GB cannot be smaller than the snapshot size ${leastGib}GB. They must be >= original snapshot size.`,
    )
  if (source.kind === 'volume')
    throw invalidInput(
      `Volume size '${size}'GB cannot be smaller than original volume size  ${leastGib}GB. They must be >= original volume size.`,
    )
  throw invalidInput(`Size of specified image ${leastGib}GB is larger than volume size ${size}GB.`)
}

async function originOf(tx: Context, { imageId, sourceVolumeId, snapshotId }: VolumeDraft): Promise<Origin> {
  if ([imageId, sourceVolumeId, snapshotId].filter(Boolean).length > 1) {
    throw badRequest('May specify only one of snapshot, imageRef or source volume')
  }
  if (snapshotId) return fromSnapshot(tx, snapshotId)
  if (sourceVolumeId) return fromVolume(tx, sourceVolumeId)
  if (imageId) return fromImage(tx, imageId)
  return { source: { kind: 'blank' }, leastGib: 1, defaultGib: null, typeId: null, host: null, bootable: false, imageMetadata: null }
}

async function fromSnapshot(tx: Context, id: string): Promise<Origin> {
  const snapshot: SnapshotRow | undefined = await snapshotRows.fetch(tx.db, id)
  if (!snapshot || !knowsProject(tx, snapshot.project_id)) throw snapshotNotFound(id)
  if (snapshot.status !== 'available') throw invalidSnapshot("Originating snapshot status must be one of 'available' values")
  const volume = await volumeRows.fetch(tx.db, snapshot.volume_id)
  if (!volume) throw snapshotNotFound(id)
  return {
    ...likeVolume(volume),
    source: { kind: 'snapshot', volumeId: volume.id, snapshotId: id },
    leastGib: snapshot.size,
    defaultGib: snapshot.size,
    typeId: snapshot.volume_type_id,
  }
}

async function fromVolume(tx: Context, id: string): Promise<Origin> {
  const volume = await volumeRows.fetch(tx.db, id)
  if (!volume || !knowsProject(tx, volume.project_id)) throw volumeNotFound(id)
  if (!['available', 'in-use', 'maintenance'].includes(volume.status))
    throw invalidVolume("Originating source volume status must be one of 'available', 'in-use' values")
  return { ...likeVolume(volume), source: { kind: 'volume', volumeId: id }, leastGib: volume.size, defaultGib: volume.size }
}

const likeVolume = (volume: VolumeRow) => ({
  typeId: volume.volume_type_id,
  host: volume.host,
  bootable: volume.bootable,
  imageMetadata: volume.image_metadata === null ? null : volume.image_metadata,
})

async function fromImage(tx: Context, id: string): Promise<Origin> {
  const image = await imageGet(tx, id).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 'not_found')
      throw badRequest('Invalid image identifier or unable to access requested image.')
    throw error
  })
  tx.authorize(undefined, 'volume:create_from_image')
  return originOfImage(tx, image)
}

/** What an image gives to a volume; the image of a volume-backed server stands for a snapshot, which the asker must know. */
export async function originOfImage(tx: Context, image: ImageFacts): Promise<Origin> {
  const { id } = image
  if (image.status !== 'active') throw badRequest(`Invalid image ${id}: Image ${id} is not active.`)
  const snapshotId = rootSnapshotOf(image)
  if (snapshotId !== null)
    return { ...(await fromSnapshot(tx, snapshotId)), typeId: null, bootable: true, imageMetadata: imageMetadataOf(image) }
  const unfit = whyNoDisk(image)
  if (unfit !== null) throw badRequest(unfit)
  const virtualGib = Math.ceil((image.virtualSizeBytes ?? image.sizeBytes ?? 0) / GiB)
  return {
    source: { kind: 'image', imageId: id },
    leastGib: Math.max(virtualGib, image.minDiskGib, 1),
    defaultGib: null,
    typeId: null,
    host: null,
    bootable: true,
    imageMetadata: imageMetadataOf(image),
  }
}

/** The snapshot that stands at boot index 0 in the image's block_device_mapping; null: the image has content of its own. */
function rootSnapshotOf(image: ImageFacts): string | null {
  const text = image.properties['block_device_mapping']
  if (text === undefined || text === '') return null
  let devices: unknown
  try {
    devices = JSON.parse(text)
  } catch (error) {
    throw badRequest(`The image ${image.id} has a block_device_mapping that cannot be read.`, { cause: error })
  }
  const all = (Array.isArray(devices) ? devices : []) as { boot_index?: unknown; source_type?: unknown; snapshot_id?: unknown }[]
  const root = all.find((each) => each !== null && typeof each === 'object' && each.boot_index === 0 && each.source_type === 'snapshot')
  return typeof root?.snapshot_id === 'string' ? root.snapshot_id : null
}

/** What a volume remembers of its image: `volume_image_metadata`. */
function imageMetadataOf(image: ImageFacts): Record<string, string> {
  const own = {
    min_disk: image.minDiskGib,
    min_ram: image.minRamMib,
    size: image.sizeBytes,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    checksum: image.checksum,
  }
  const texts = Object.entries({ image_id: image.id, image_name: image.name, ...own }).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  )
  return { ...image.properties, ...Object.fromEntries(texts) }
}

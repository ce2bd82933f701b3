// Objects as acts: found, written, changed and deleted. Every condition is compared in the transaction that acts on it.
import { ObjectRefusal } from '../refusal.ts'
import type { Body } from '../blobs/index.ts'
import { blobInsert } from '../store/blobs.ts'
import { objectRows } from '../store/objects.ts'
import { segmentRows } from '../store/segments.ts'
import type { ContainerRow, Metadata, ObjectKind, ObjectRow, ObjectSystem, SegmentRow, VersionRow } from '../store/tables.ts'
import { versionRows } from '../store/versions.ts'
import { act, told, type Act } from './act.ts'
import { archiveDelete, archiveKeep } from './archive.ts'
import { conditionsCheck, type Conditions } from './conditions.ts'
import { containerIn } from './containers.ts'
import { currentDelete, currentEnd, currentReplace, isArchiving, there, versionEnd, versionToCurrent, versionUsOf } from './current.ts'
import type { By, Engine } from './engine.ts'
import type { Version } from './version-id.ts'

export interface Key {
  account: string
  container: string
  name: string
}

/** What a writer says of an object. */
export interface Draft {
  contentType: string
  metadata: Metadata
  system: ObjectSystem
  expiresUs?: number | null | undefined
}

/** A piece of a large object, in order: another object's bytes, or bytes of its own. */
export type SegmentDraft = Pick<SegmentRow, 'etag' | 'bytes'> &
  Partial<Pick<SegmentRow, 'path' | 'first' | 'last' | 'sub_slo' | 'content_type' | 'last_modified_us' | 'checksum'>> & { body?: Body }

/** Asked of the object that is there, or that there is none, in the transaction: it throws what refuses. */
export type Guard = (current: ObjectRow | undefined) => void

export interface ObjectPut extends Key, Draft {
  by: By
  body: Body
  /** 'plain' when missing */
  kind?: ObjectKind
  /** the body's MD5 when missing */
  etag?: string
  /** as clients see it, and as it is counted: the body's when missing */
  bytes?: number
  counted?: number
  segments?: SegmentDraft[]
  conditions?: Conditions | undefined
  guard?: Guard | undefined
  quotaExempt?: boolean | undefined
}

/** The object of this name, or one version of it; a delete marker is found as a version only. What has expired is not there. */
export async function objectFind(
  engine: Engine,
  container: Pick<ContainerRow, 'id'>,
  name: string,
  version?: Version,
): Promise<VersionRow | undefined> {
  return there(await rowFind(engine.store, container, name, version), engine.platform.clock.nowMs() * 1000)
}

export async function rowFind(
  db: Act['db'],
  { id }: Pick<ContainerRow, 'id'>,
  name: string,
  version?: Version,
): Promise<VersionRow | undefined> {
  const current = await objectRows.find(db, id, name)
  const isIt = version === undefined || (current && (version === 'null' ? current.is_null : current.version_us === version))
  if (isIt) return current && { ...current, is_marker: false }
  return version === 'null' ? versionRows.findNull(db, id, name) : versionRows.find(db, id, name, version)
}

/** The marker that says why there is no object of this name. */
export async function newestMarker({ store }: Engine, container: Pick<ContainerRow, 'id'>, name: string): Promise<VersionRow | undefined> {
  if (await objectRows.find(store, container.id, name)) return undefined
  const newest = await versionRows.newest(store, container.id, name)
  return newest?.is_marker ? newest : undefined
}

/** Writes an object whose bytes are on the disk already. When it is refused its bytes are gone. */
export async function objectPut(engine: Engine, put: ObjectPut): Promise<{ object: ObjectRow; replaced: ObjectRow | undefined }> {
  const bodies = [put.body, ...(put.segments ?? []).flatMap(({ body }) => body ?? [])]
  return act(engine, { ...put, bodies }, (it) => objectSet(it, put))
}

async function objectSet(it: Act, put: ObjectPut): Promise<{ object: ObjectRow; replaced: ObjectRow | undefined }> {
  const { body } = put
  // large objects within each other multiply: a size that no number holds exactly would make every reading of its row fail
  if (!Number.isSafeInteger(put.bytes ?? body.bytes)) throw new ObjectRefusal('too-large', { maxBytes: Number.MAX_SAFE_INTEGER })
  const target = await targetOf(it, put)
  const object: ObjectRow = {
    ...rowOf(target, put),
    etag: put.etag ?? body.md5,
    md5: body.md5,
    bytes: put.bytes ?? body.bytes,
    counted: put.counted ?? body.bytes,
    kind: put.kind ?? 'plain',
    blob_id: body.id,
  }
  await blobInsert(it.db, body, it.nowUs)
  if (put.segments) await segmentsInsert(it, object, put.segments)
  await targetSet(it, target, object)
  told(it, {
    type: 'object',
    account: put.account,
    container: put.container,
    object: put.name,
    action: 'create',
    details: detailsOf(object),
  })
  return { object, replaced: target.visible }
}

export const detailsOf = ({ version_us, bytes, etag, kind }: ObjectRow) => ({ version: version_us, bytes, etag, kind })

/** Where an object will be written. */
export interface Target {
  container: ContainerRow
  current: ObjectRow | undefined
  /** the current one, unless it has expired */
  visible: ObjectRow | undefined
  versionUs: number
}

/** Looks up what the name has and asks what the writer demands of it. */
export async function targetOf(it: Act, to: Key & { conditions?: Conditions | undefined; guard?: Guard | undefined }): Promise<Target> {
  const container = await containerIn(it.db, to.account, to.container)
  const current = await objectRows.find(it.db, container.id, to.name)
  const visible = there(current, it.nowUs)
  conditionsCheck(visible, to.conditions)
  to.guard?.(visible)
  return { container, current, visible, versionUs: await versionUsOf(it, container, to.name, current) }
}

/** What a draft says of the row that is written there. */
export const rowOf = (
  { container, versionUs }: Target,
  { name, contentType, metadata, system, expiresUs = null }: Draft & { name: string },
) => ({
  container_id: container.id,
  name,
  version_us: versionUs,
  modified_us: versionUs,
  content_type: contentType,
  metadata,
  system,
  expires_us: expiresUs,
  is_null: container.versioning !== 'enabled',
})

/** The row takes its place. */
export async function targetSet(it: Act, { container, current }: Target, object: ObjectRow): Promise<void> {
  const former = current && isArchiving(container) ? await archiveKeep(it, container, current) : current
  await currentReplace(it, container, former, object)
}

async function segmentsInsert(
  it: Act,
  { container_id, name, version_us, content_type }: ObjectRow,
  segments: SegmentDraft[],
): Promise<void> {
  for (const { body } of segments) if (body) await blobInsert(it.db, body, it.nowUs)
  await segmentRows.insertMany(
    it.db,
    segments.map(({ body, path, first, last, sub_slo, checksum, ...of }, index) => ({
      container_id,
      name,
      version_us,
      number: index + 1,
      blob_id: body?.id ?? null,
      path: path ?? null,
      etag: of.etag,
      bytes: of.bytes,
      first: first ?? null,
      last: last ?? null,
      sub_slo: sub_slo ?? false,
      content_type: of.content_type ?? content_type,
      last_modified_us: of.last_modified_us ?? version_us,
      checksum: checksum ?? null,
    })),
  )
}

export interface ObjectUpdate extends Key {
  by: By
  version?: Version | undefined
  change: (row: ObjectRow) => Partial<Pick<ObjectRow, 'content_type' | 'metadata' | 'system' | 'expires_us'>>
  /** Last-Modified becomes now */
  touch?: boolean | undefined
  conditions?: Conditions | undefined
}

/** Changes what is said of an object; its bytes, ETag and version stay. */
export function objectUpdate(engine: Engine, update: ObjectUpdate): Promise<ObjectRow> {
  return act(engine, update, async (it) => {
    const { account, container: containerName, name, version } = update
    const container = await containerIn(it.db, account, containerName)
    const found = await rowFind(it.db, container, name, version)
    const row = there(found, it.nowUs)
    if (!row || row.is_marker)
      throw new ObjectRefusal(version === undefined ? 'no-object' : 'no-version', { name, isMarker: row?.is_marker })
    conditionsCheck(row, update.conditions)
    const modified = update.touch ? { modified_us: Math.max(it.nowUs, row.modified_us + 10) } : {}
    const { is_marker: _, ...changed } = { ...row, ...update.change(row), ...modified }
    if ((await objectRows.find(it.db, container.id, name))?.version_us === row.version_us) await objectRows.set(it.db, changed)
    else await versionRows.set(it.db, { ...changed, is_marker: false })
    told(it, { type: 'object', account, container: containerName, object: name, action: 'update', details: { version: row.version_us } })
    return changed
  })
}

export interface ObjectDelete extends Key {
  by: By
  version?: Version | undefined
  conditions?: Conditions | undefined
  guard?: Guard | undefined
  bypassGovernance?: boolean | undefined
  /** false: when it was the newest, the name has no object then (Swift); else the one before is current again (S3) */
  promote?: boolean | undefined
}

interface Gone {
  removed?: VersionRow
  marker?: VersionRow
}

/** What was removed, and the marker that stands in its place where versions are kept; neither when there was nothing. */
export function objectDelete(engine: Engine, wanted: ObjectDelete): Promise<Gone> {
  return act(engine, wanted, (it) => objectEnd(it, wanted))
}

async function objectEnd(it: Act, wanted: ObjectDelete): Promise<Gone> {
  const { account, container: containerName, name, version } = wanted
  const container = await containerIn(it.db, account, containerName)
  const gone =
    version === undefined ? await deletedCurrent(it, container, wanted) : await deletedVersion(it, container, { ...wanted, version })
  const { removed, marker } = gone
  const details = { version: removed?.version_us ?? null, ...(marker ? { marker: marker.version_us } : {}) }
  if (removed || marker) told(it, { type: 'object', account, container: containerName, object: name, action: 'delete', details })
  return gone
}

async function deletedCurrent(it: Act, container: ContainerRow, { name, conditions, guard }: ObjectDelete): Promise<Gone> {
  const current = await objectRows.find(it.db, container.id, name)
  const visible = there(current, it.nowUs)
  conditionsCheck(visible, conditions)
  guard?.(visible)
  const removed = visible ? { removed: { ...visible, is_marker: false } } : {}
  if (isArchiving(container)) return { ...(await archiveDelete(it, container, { name, current })), ...removed }
  const marker = await currentDelete(it, container, name, current)
  return marker ? { ...removed, marker } : removed
}

/** When the newest is gone the one before it is current again, unless that is a marker. */
async function deletedVersion(
  it: Act,
  container: ContainerRow,
  { name, version, conditions, guard, promote = true }: ObjectDelete & { version: Version },
): Promise<Gone> {
  const row = await rowFind(it.db, container, name, version)
  conditionsCheck(row, conditions)
  guard?.(row)
  if (!row) return {}
  const current = await objectRows.find(it.db, container.id, name)
  const isCurrent = current?.version_us === row.version_us
  await (isCurrent ? currentEnd(it, container, current) : versionEnd(it, container, row))
  if (promote && (!current || isCurrent)) {
    const newest = await versionRows.newest(it.db, container.id, name)
    const isNext = isCurrent || (newest !== undefined && newest.version_us < row.version_us)
    if (newest && isNext && !newest.is_marker) await versionToCurrent(it, container, newest)
  }
  return { removed: row }
}

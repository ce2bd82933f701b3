// What becomes of the object that a name has when another takes its place or it is deleted: it ends, or it stays as a version. The one
// place where rows of objects, their bytes and their counters change.
import { ObjectRefusal } from '../refusal.ts'
import { blobsRelease } from '../store/blobs.ts'
import { objectRows } from '../store/objects.ts'
import { segmentRows } from '../store/segments.ts'
import type { ContainerRow, ObjectRow, VersionRow } from '../store/tables.ts'
import { versionRows } from '../store/versions.ts'
import type { Act } from './act.ts'
import { count } from './counts.ts'

/** Swift's older versions: copies in another container. */
export const isArchiving = ({ metadata }: ContainerRow): boolean => 'x-versions-location' in metadata || 'x-history-location' in metadata

/** The row, unless it has expired. */
export const there = <Row extends ObjectRow>(row: Row | undefined, nowUs: number): Row | undefined =>
  row && (row.expires_us === null || row.expires_us > nowUs) ? row : undefined

/** Later than all that the name had, also when the machine's clock was set back. */
export async function versionUsOf(
  { db, nowUs }: Act,
  container: ContainerRow,
  name: string,
  current: ObjectRow | undefined,
): Promise<number> {
  const newest = container.versioning === '' ? undefined : await versionRows.newest(db, container.id, name)
  return Math.max(nowUs, (current?.version_us ?? 0) + 10, (current?.modified_us ?? 0) + 10, (newest?.version_us ?? 0) + 10)
}

/** Makes `row` the current one of its name, where `current` was. */
export async function currentReplace(act: Act, container: ContainerRow, current: ObjectRow | undefined, row: ObjectRow): Promise<void> {
  if (current) await formerPlace(act, container, current)
  if (container.versioning === 'suspended') await nullEnd(act, container, row.name)
  await objectRows.set(act.db, row)
  count(act, container, { object_count: 1, bytes_used: row.counted })
}

/** The name has no current object any more; where versions are kept, a marker says so. */
export async function currentDelete(
  act: Act,
  container: ContainerRow,
  name: string,
  current: ObjectRow | undefined,
): Promise<VersionRow | undefined> {
  if (current) {
    await formerPlace(act, container, current)
    await objectRows.delete(act.db, container.id, name)
  }
  if (container.versioning === '') return undefined
  const versionUs = await versionUsOf(act, container, name, current)
  if (container.versioning === 'suspended') await nullEnd(act, container, name)
  const marker = markerOf(container, name, versionUs)
  await versionSet(act, container, marker)
  return marker
}

/** Its row in `objects` is left to who calls: it is replaced, or deleted. */
async function formerPlace(act: Act, container: ContainerRow, current: ObjectRow): Promise<void> {
  count(act, container, { object_count: -1, bytes_used: -current.counted })
  const isKept = container.versioning === 'enabled' || (container.versioning === 'suspended' && !current.is_null)
  if (isKept) await versionSet(act, container, { ...current, is_marker: false })
  else await bytesEnd(act, current)
}

/** At most one version of a name is called null. */
async function nullEnd(act: Act, container: ContainerRow, name: string): Promise<void> {
  const known = await versionRows.findNull(act.db, container.id, name)
  if (known) await versionEnd(act, container, known)
}

async function versionSet(act: Act, container: ContainerRow, row: VersionRow): Promise<void> {
  await versionRows.set(act.db, row)
  count(act, container, { version_count: 1, version_bytes: row.counted })
}

/** A version that is not current is gone for good. */
export async function versionEnd(act: Act, container: ContainerRow, row: VersionRow): Promise<void> {
  await versionRows.delete(act.db, row)
  count(act, container, { version_count: -1, version_bytes: -row.counted })
  await bytesEnd(act, row)
}

/** The current object is gone for good, and nothing stands in its place yet. */
export async function currentEnd(act: Act, container: ContainerRow, row: ObjectRow): Promise<void> {
  await objectRows.delete(act.db, container.id, row.name)
  count(act, container, { object_count: -1, bytes_used: -row.counted })
  await bytesEnd(act, row)
}

/** The current object becomes one version among others. */
export async function currentToVersion(act: Act, container: ContainerRow, row: ObjectRow): Promise<void> {
  await objectRows.delete(act.db, container.id, row.name)
  count(act, container, { object_count: -1, bytes_used: -row.counted })
  await versionSet(act, container, { ...row, is_marker: false })
}

/** A version becomes the current object of its name, which has none. */
export async function versionToCurrent(act: Act, container: ContainerRow, row: VersionRow): Promise<ObjectRow> {
  const { is_marker: _, ...current } = row
  await versionRows.delete(act.db, row)
  count(act, container, { version_count: -1, version_bytes: -row.counted })
  await objectRows.set(act.db, current)
  count(act, container, { object_count: 1, bytes_used: row.counted })
  return current
}

/** What only this row named is garbage from now on; what is locked may not go. */
async function bytesEnd(act: Act, row: ObjectRow): Promise<void> {
  lockCheck(act, row)
  await blobsRelease(act.db, [row.blob_id], act.nowUs)
  if (row.kind === 'slo' || row.kind === 'multipart') await segmentRows.delete(act.db, row, act.nowUs)
}

function lockCheck({ nowUs, bypassGovernance }: Act, { system: { lock }, name }: ObjectRow): void {
  if (!lock) return
  const isRetained = lock.untilUs !== undefined && lock.untilUs > nowUs && !(lock.mode === 'GOVERNANCE' && bypassGovernance)
  if (lock.hold || isRetained) throw new ObjectRefusal('locked', { name, hold: lock.hold === true, mode: lock.mode })
}

const markerOf = (container: ContainerRow, name: string, versionUs: number): VersionRow => ({
  container_id: container.id,
  name,
  version_us: versionUs,
  modified_us: versionUs,
  etag: '',
  md5: null,
  bytes: 0,
  counted: 0,
  content_type: '',
  kind: 'plain',
  blob_id: null,
  metadata: {},
  system: {},
  expires_us: null,
  is_null: container.versioning === 'suspended',
  is_marker: true,
})

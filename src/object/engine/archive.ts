// Swift's older versions: X-Versions-Location (a stack: DELETE brings the last one back) and X-History-Location (DELETE leaves a mark).
// The copies are objects of another container, `<length of the name, 3 hex digits><name>/<time>`; they move there as rows.
import { ObjectRefusal } from '../refusal.ts'
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import { segmentRows } from '../store/segments.ts'
import type { ContainerRow, ObjectRow, VersionRow } from '../store/tables.ts'
import type { Act } from './act.ts'
import { count } from './counts.ts'
import { currentEnd, currentReplace } from './current.ts'
import { prefixEnd } from './byte-order.ts'
import { timestampOf } from './version-id.ts'

/** The type of the mark that a history keeps of a deletion. */
const deletedType = 'application/x-deleted;swift_versions_deleted=1'

const prefixOf = (name: string): string => `${Buffer.byteLength(name).toString(16).padStart(3, '0')}${name}/`

/** The header may be percent-encoded; what is not is the name itself. */
function unquoted(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const locationOf = ({ metadata }: ContainerRow): string => metadata['x-history-location'] ?? metadata['x-versions-location'] ?? ''

const archiveFind = (it: Act, container: ContainerRow): Promise<ContainerRow | undefined> =>
  containerRows.find(it.db, container.account, unquoted(locationOf(container)).split('/')[0] ?? '')

async function archiveOf(it: Act, container: ContainerRow): Promise<ContainerRow> {
  const archive = await archiveFind(it, container)
  if (!archive) throw new ObjectRefusal('no-archive', { location: locationOf(container) })
  return archive
}

/** The current object becomes the archive's newest; its name has none then. */
export async function archiveKeep(it: Act, container: ContainerRow, current: ObjectRow): Promise<undefined> {
  const archive = await archiveOf(it, container)
  await rowMove(it, { container, row: current }, { container: archive, name: prefixOf(current.name) + timestampOf(current.modified_us) })
}

/** DELETE, in either mode; what was taken out of the archive where there was no current object. */
export async function archiveDelete(
  it: Act,
  container: ContainerRow,
  { name, current }: { name: string; current: ObjectRow | undefined },
): Promise<{ removed?: VersionRow }> {
  if ('x-history-location' in container.metadata) {
    const archive = await archiveOf(it, container)
    if (current) await archiveKeep(it, container, current)
    await markWrite(it, archive, prefixOf(name) + timestampOf(it.nowUs))
    return {}
  }
  const archive = await archiveFind(it, container)
  if (current) await currentEnd(it, container, current)
  // without the archive there is nothing to bring back
  const [last, ...before] = archive ? await newestOf(it, archive, name) : []
  const isMarked = last?.content_type === deletedType
  if (!archive || !last || (isMarked && current)) return {}
  if (isMarked) await currentEnd(it, archive, last)
  const restored = isMarked ? before.find(({ content_type }) => content_type !== deletedType) : last
  if (restored) await rowMove(it, { container: archive, row: restored }, { container, name })
  return current ? {} : { removed: { ...last, is_marker: false } }
}

const looksBack = 1000

/** The archive's copies of this name, newest first. */
function newestOf({ db, nowUs }: Act, archive: ContainerRow, name: string): Promise<ObjectRow[]> {
  const from = prefixOf(name)
  const before = prefixEnd(from)
  return objectRows.page(db, {
    containerId: archive.id,
    from,
    ...(before === undefined ? {} : { before }),
    reverse: true,
    limit: looksBack,
    nowUs,
    metadata: true,
  })
}

/** The same bytes under another name; what had that name ends. */
async function rowMove(
  it: Act,
  from: { container: ContainerRow; row: ObjectRow },
  to: { container: ContainerRow; name: string },
): Promise<ObjectRow> {
  const there = await objectRows.find(it.db, to.container.id, to.name)
  const versionUs = Math.max(it.nowUs, (there?.version_us ?? 0) + 10)
  const moved: ObjectRow = { ...from.row, container_id: to.container.id, name: to.name, version_us: versionUs, is_null: true }
  await segmentRows.move(it.db, from.row, moved)
  await objectRows.delete(it.db, from.container.id, from.row.name)
  count(it, from.container, { object_count: -1, bytes_used: -from.row.counted })
  await currentReplace(it, { ...to.container, versioning: '' }, there, moved)
  return moved
}

async function markWrite(it: Act, archive: ContainerRow, name: string): Promise<void> {
  await currentReplace(it, { ...archive, versioning: '' }, await objectRows.find(it.db, archive.id, name), {
    container_id: archive.id,
    name,
    version_us: it.nowUs,
    modified_us: it.nowUs,
    etag: emptyMd5,
    md5: emptyMd5,
    bytes: 0,
    counted: 0,
    content_type: deletedType,
    kind: 'plain',
    blob_id: null,
    metadata: {},
    system: {},
    expires_us: null,
    is_null: true,
  })
}

const emptyMd5 = 'd41d8cd98f00b204e9800998ecf8427e'

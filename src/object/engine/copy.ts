// Copies and renames: new rows on the same bytes, whatever their size.
import { ObjectRefusal } from '../refusal.ts'
import { blobsRetain } from '../store/blobs.ts'
import { segmentRows } from '../store/segments.ts'
import type { ObjectRow } from '../store/tables.ts'
import { act, told, type Act } from './act.ts'
import { conditionsCheck, type Conditions } from './conditions.ts'
import { containerIn } from './containers.ts'
import { currentDelete, there } from './current.ts'
import type { By, Engine } from './engine.ts'
import { detailsOf, rowFind, rowOf, targetOf, targetSet, type Draft, type Guard, type Key } from './objects.ts'
import type { Version } from './version-id.ts'

export interface ObjectCopy {
  by: By
  from: Key & { version?: Version | undefined }
  to: Key
  /** what is said of the copy; as of the source when missing */
  draft?: ((source: ObjectRow) => Draft) | undefined
  /** of what the target's name has */
  conditions?: Conditions | undefined
  sourceConditions?: Conditions | undefined
  guard?: Guard | undefined
  quotaExempt?: boolean | undefined
}

export interface Copied {
  object: ObjectRow
  source: ObjectRow
  replaced: ObjectRow | undefined
}

/** ETag, kind and pieces stay as they are; what holds for the source alone (its lock, its ACL) no draft even sees. */
export const objectCopy = (engine: Engine, copy: ObjectCopy): Promise<Copied> => {
  const draft = (source: ObjectRow) => (copy.draft ?? wholeDraft)(withoutOwn(source))
  return act(engine, copy, (it) => copied(it, { ...copy, draft }, 'create'))
}

async function copied(
  it: Act,
  { from, to, draft, sourceConditions, ...more }: ObjectCopy & { draft: (source: ObjectRow) => Draft },
  action: string,
): Promise<Copied> {
  const source = await sourceOf(it, from, sourceConditions)
  const target = await targetOf(it, { ...to, ...more })
  const { contentType, metadata, system, expiresUs } = draft(source)
  const object: ObjectRow = { ...source, ...rowOf(target, { name: to.name, contentType, metadata, system, expiresUs }) }
  // before the former one ends, which may be the source
  await blobsRetain(it.db, [object.blob_id])
  if (hasPieces(object)) await segmentRows.copy(it.db, source, object)
  await targetSet(it, target, object)
  const details = { ...detailsOf(object), from: `${from.account}/${from.container}/${from.name}` }
  told(it, { type: 'object', account: to.account, container: to.container, object: to.name, action, details })
  return { object, source, replaced: target.visible }
}

const hasPieces = ({ kind }: ObjectRow): boolean => kind === 'slo' || kind === 'multipart'

const wholeDraft = ({ content_type, metadata, system, expires_us }: ObjectRow): Draft => ({
  contentType: content_type,
  metadata,
  system,
  expiresUs: expires_us,
})

/** What holds for one object is not copied. */
function withoutOwn(source: ObjectRow): ObjectRow {
  const { lock: _lock, acl: _acl, upload: _upload, ...system } = source.system
  return { ...source, system }
}

async function sourceOf(
  it: Act,
  { account, container: containerName, name, version }: ObjectCopy['from'],
  conditions?: Conditions,
): Promise<ObjectRow> {
  const container = await containerIn(it.db, account, containerName)
  const found = there(await rowFind(it.db, container, name, version), it.nowUs)
  if (!found || found.is_marker)
    throw new ObjectRefusal(version === undefined ? 'no-object' : 'no-version', {
      account,
      container: containerName,
      name,
      isMarker: found?.is_marker,
    })
  conditionsCheck(found, conditions)
  const { is_marker: _, ...source } = found
  return source
}

export interface ObjectRename {
  by: By
  from: Key
  to: Key
  conditions?: Conditions | undefined
  sourceConditions?: Conditions | undefined
}

/** Both names change at once; where versions are kept the old name's stay, behind a marker. */
export function objectRename(engine: Engine, rename: ObjectRename): Promise<{ object: ObjectRow }> {
  const { by, from, to } = rename
  if (from.account === to.account && from.container === to.container && from.name === to.name)
    throw new ObjectRefusal('bad-request', { why: 'an object is renamed to another name' })
  return act(engine, { by }, async (it) => {
    const { object, source } = await copied(it, { ...rename, draft: wholeDraft }, 'rename')
    const container = await containerIn(it.db, from.account, from.container)
    await currentDelete(it, container, from.name, source)
    const details = { to: `${to.account}/${to.container}/${to.name}` }
    told(it, { type: 'object', account: from.account, container: from.container, object: from.name, action: 'delete', details })
    return { object }
  })
}

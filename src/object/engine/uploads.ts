// Uploads in parts: begun, filled in any order, and completed into one object by moving the parts' rows. Nothing of an open upload is
// seen as an object.
import { createHash } from 'node:crypto'
import { Budget } from '../../platform/budget.ts'
import type { Body } from '../blobs/index.ts'
import { ObjectRefusal } from '../refusal.ts'
import { blobInsert, blobsRelease, blobsRetain } from '../store/blobs.ts'
import { containerRows } from '../store/containers.ts'
import type { Checksum, ContainerRow, ObjectRow, PartRow, UploadRow } from '../store/tables.ts'
import { partRows, uploadRows } from '../store/uploads.ts'
import { accountEnsure, act, told, type Act } from './act.ts'
import { conditionsCheck, type Conditions } from './conditions.ts'
import { containerIn } from './containers.ts'
import { count } from './counts.ts'
import type { By, Engine } from './engine.ts'
import { detailsOf, rowOf, targetOf, targetSet, type Draft, type Guard, type Key } from './objects.ts'
import { uploadEnd } from './uploads-end.ts'

/** What was said at its beginning is said of the object in the end. */
export function uploadCreate(engine: Engine, create: Key & Draft & { by: By; owner: string }): Promise<UploadRow> {
  return act(engine, create, async (it) => {
    await accountEnsure(it, create.account)
    const container = await containerIn(it.db, create.account, create.container)
    const row: UploadRow = {
      id: engine.platform.ids.hex(),
      container_id: container.id,
      name: create.name,
      created_us: it.nowUs,
      owner: create.owner,
      content_type: create.contentType,
      metadata: create.metadata,
      system: create.system,
      expires_us: create.expiresUs ?? null,
    }
    await uploadRows.insert(it.db, row)
    return row
  })
}

/** undefined: there is none of this id for this name. */
export async function uploadFind(
  { store }: Engine,
  container: Pick<ContainerRow, 'id'>,
  name: string,
  id: string,
): Promise<UploadRow | undefined> {
  const row = await uploadRows.fetch(store, id)
  return row?.container_id === container.id && row.name === name ? row : undefined
}

export interface PartPut {
  by: By
  uploadId: string
  number: number
  body: Body
  /** the body's MD5 when missing */
  etag?: string | undefined
  checksum?: string | null | undefined
}

/** A part in place of the one that had its number. When the upload is gone meanwhile its bytes are too. */
export function partPut(engine: Engine, { by, uploadId, number, body, etag, checksum }: PartPut): Promise<PartRow> {
  return act(engine, { by, bodies: [body] }, async (it) => {
    await blobInsert(it.db, body, it.nowUs)
    return partSet(it, { uploadId, number, blob_id: body.id, bytes: body.bytes, etag: etag ?? body.md5, checksum: checksum ?? null })
  })
}

/** A whole plain object as a part, on the same bytes. */
export function partCopy(
  engine: Engine,
  { by, uploadId, number, source, checksum }: Omit<PartPut, 'body' | 'etag'> & { source: ObjectRow },
): Promise<PartRow> {
  return act(engine, { by }, async (it) => {
    await blobsRetain(it.db, [source.blob_id])
    const { blob_id, bytes, etag } = source
    return partSet(it, { uploadId, number, blob_id, bytes, etag, checksum: checksum ?? null })
  })
}

async function partSet(
  it: Act,
  { uploadId, ...part }: Omit<PartRow, 'upload_id' | 'modified_us'> & { uploadId: string },
): Promise<PartRow> {
  const upload = await uploadRows.fetch(it.db, uploadId)
  const container = upload && (await containerRows.fetch(it.db, upload.container_id))
  if (!container) throw new ObjectRefusal('no-upload', { uploadId })
  const former = await partRows.find(it.db, uploadId, part.number)
  if (former) await blobsRelease(it.db, [former.blob_id], it.nowUs)
  const row: PartRow = { upload_id: uploadId, ...part, modified_us: it.nowUs }
  await partRows.set(it.db, row)
  count(it, container, { part_bytes: part.bytes - (former?.bytes ?? 0) })
  return row
}

/** By number; `after` is the number that the page comes after. */
export const partsList = (
  { store }: Engine,
  uploadId: string,
  { after = 0, limit }: { after?: number | undefined; limit: number },
): Promise<PartRow[]> => partRows.page(store, uploadId, { after, limit })

export interface CompletedPart {
  number: number
  etag: string
  checksum?: string | null | undefined
}

export interface UploadComplete extends Key {
  by: By
  uploadId: string
  /** which of the parts, in their order */
  parts: CompletedPart[]
  /** of every part but the last */
  minPartBytes?: number
  /** of the whole, from the parts that are meant */
  checksum?: ((parts: PartRow[]) => Checksum | undefined) | undefined
  conditions?: Conditions | undefined
  guard?: Guard | undefined
  quotaExempt?: boolean | undefined
}

const fiveMib = 5 * 1024 * 1024

/** Makes the object; asked again after that it answers the same. */
export function uploadComplete(engine: Engine, complete: UploadComplete): Promise<{ object: ObjectRow; again: boolean }> {
  return act(engine, complete, async (it) => {
    const { account, container: of, name, uploadId } = complete
    const target = await targetOf(it, { account, container: of, name })
    const upload = await uploadRows.fetch(it.db, uploadId)
    if (!upload || upload.container_id !== target.container.id || upload.name !== name) {
      if (target.visible?.system.upload !== uploadId) throw new ObjectRefusal('no-upload', { uploadId })
      return { object: target.visible, again: true }
    }
    conditionsCheck(target.visible, complete.conditions)
    complete.guard?.(target.visible)
    const parts = await partsChosen(it, target.container, complete)
    const { content_type: contentType, metadata, system, expires_us: expiresUs } = upload
    const checksum = complete.checksum?.(parts)
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    const object: ObjectRow = {
      ...rowOf(target, { name, contentType, metadata, system: { ...system, upload: uploadId, ...(checksum && { checksum }) }, expiresUs }),
      etag: etagOf(parts),
      md5: null,
      bytes,
      counted: bytes,
      kind: 'multipart',
      blob_id: null,
    }
    await partsBecome(it, target.container, upload, object)
    await targetSet(it, target, object)
    told(it, { type: 'object', account, container: of, object: name, action: 'create', details: detailsOf(object) })
    return { object, again: false }
  })
}

/** MD5 of the parts' MD5s, and how many they are. */
function etagOf(parts: PartRow[]): string {
  const hash = createHash('md5')
  for (const { etag } of parts) hash.update(etag, 'hex')
  return `${hash.digest('hex')}-${parts.length}`
}

const partsAtOnce = 1000
/** of the budget, for a part that is not meant */
const stepsAPart = 5000

/** The parts that are meant, as they are kept; the others end. */
async function partsChosen(
  it: Act,
  container: ContainerRow,
  { uploadId, parts, minPartBytes = fiveMib }: UploadComplete,
): Promise<PartRow[]> {
  if (parts.length === 0) throw new ObjectRefusal('bad-request', { why: 'no parts' })
  if (parts.some(({ number }, index) => index > 0 && number <= (parts[index - 1]?.number ?? 0))) throw new ObjectRefusal('part-order', {})
  const kept = new Map<number, PartRow>()
  for (let after = 0; ;) {
    const page = await partRows.page(it.db, uploadId, { after, limit: partsAtOnce })
    for (const row of page) kept.set(row.number, row)
    after = page.at(-1)?.number ?? 0
    if (page.length < partsAtOnce) break
  }
  const chosen = parts.map((wanted, index) => {
    const part = kept.get(wanted.number)
    const isIt = part?.etag === wanted.etag && (!wanted.checksum || part.checksum === wanted.checksum)
    if (!part || !isIt) throw new ObjectRefusal('no-part', { number: wanted.number, exists: part !== undefined })
    if (part.bytes < minPartBytes && index < parts.length - 1)
      throw new ObjectRefusal('part-small', { number: part.number, bytes: part.bytes, etag: part.etag, minPartBytes })
    kept.delete(wanted.number)
    return part
  })
  const budget = new Budget()
  for (const part of kept.values()) {
    await budget.take(stepsAPart)
    await blobsRelease(it.db, [part.blob_id], it.nowUs)
    await partRows.delete(it.db, uploadId, part.number)
    count(it, container, { part_bytes: -part.bytes })
  }
  return chosen
}

async function partsBecome(it: Act, container: ContainerRow, { id }: UploadRow, object: ObjectRow): Promise<void> {
  const { container_id: containerId, name, version_us: versionUs, content_type: contentType } = object
  await partRows.become(it.db, { uploadId: id, containerId, name, versionUs, contentType })
  await uploadRows.delete(it.db, id)
  count(it, container, { part_bytes: -object.bytes })
}

/** A part that is on its way then finds no upload. */
export function uploadAbort(
  engine: Engine,
  { by, account, container: of, name, uploadId }: Key & { by: By; uploadId: string },
): Promise<void> {
  return act(engine, { by }, async (it) => {
    const container = await containerIn(it.db, account, of)
    const upload = await uploadRows.fetch(it.db, uploadId)
    if (upload?.container_id !== container.id || upload.name !== name) throw new ObjectRefusal('no-upload', { uploadId })
    await uploadEnd(it, container, upload)
  })
}

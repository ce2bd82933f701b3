// SQL of images, their additional properties and tags. The lists' SQL is in image-list.ts.
import { sql, type UpdateResult } from 'kysely'
import { idList, inList, type InList } from '../../platform/store/ids-in.ts'
import { rows } from '../../platform/store/rows.ts'
import { shapedStatement, statement } from '../../platform/store/statement.ts'
import type { Db } from '../../platform/store/store.ts'
import { table } from '../../platform/table.ts'
import type { ImageTables } from './tables.ts'

export type ImageStatus = 'queued' | 'saving' | 'uploading' | 'importing' | 'active' | 'deactivated' | 'killed'
export type ImageVisibility = 'public' | 'private' | 'shared' | 'community'

export interface ImageRow {
  id: string
  name: string | null
  project_id: string | null
  status: ImageStatus
  visibility: ImageVisibility
  disk_format: string | null
  container_format: string | null
  size: number | null
  virtual_size: number | null
  checksum: string | null
  os_hash_algo: string | null
  os_hash_value: string | null
  min_disk: number
  min_ram: number
  protected: boolean
  os_hidden: boolean
  created_at: string
  updated_at: string
  /** names the upload under way; only its owner may end it */
  upload_token: string | null
  upload_lease_until: number
  /** what staged data was found to be (an import that has not happened yet) */
  staged: StagedData | null
  /** names the file that holds the data; null: none */
  data_token: string | null
  /** null: it was never imported; '': its last import did not fail; else the stores that it failed for */
  failed_import: string | null
}

export interface ImagePropertyRow {
  image_id: string
  name: string
  value: string | null
}

export interface ImageTagRow {
  image_id: string
  tag: string
}

/** What staged data was found to be: kept in the row until the import makes it the image's. */
export interface StagedData {
  checksum: string
  hashValue: string
  virtualSizeBytes: number | null
}

/** An image with what hangs on it. */
export interface Image extends ImageRow {
  properties: Record<string, string | null>
  tags: string[]
}

const q = (db: Db) => db.as<ImageTables>()

export const imageRows = rows<ImageRow>('images')
const imageProperties = rows<ImagePropertyRow>('image_properties', 'name')
export const tagRows = rows<ImageTagRow>('image_tags', 'tag')

export async function imageFetch(db: Db, id: string): Promise<Image | undefined> {
  const row = await imageRows.fetch(db, id)
  return row && (await imagesComplete(db, [row]))[0]
}

export async function imagesFetch(db: Db, ids: string[]): Promise<Image[]> {
  if (ids.length === 0) return []
  return imagesComplete(db, await imageRows.many(db, ids))
}

const known = statement<ImageTables, InList, Pick<ImageRow, 'id'>>((from, { list }, db) =>
  from
    .selectFrom('images')
    .select('id')
    .where(inList(db, 'id', list)),
)
/** Those of the ids that are images', whatever their state. */
export const imagesKnown = async (db: Db, ids: string[]): Promise<Set<string>> =>
  new Set((await known.rows(db, { list: idList(ids) })).map(({ id }) => id))

const propertiesOf = statement<ImageTables, InList, ImagePropertyRow>((from, { list }, db) =>
  from
    .selectFrom('image_properties')
    .selectAll()
    .where(inList(db, 'image_id', list))
    .orderBy('name'),
)
const tagsOf = statement<ImageTables, InList, ImageTagRow>((from, { list }, db) =>
  from
    .selectFrom('image_tags')
    .selectAll()
    .where(inList(db, 'image_id', list))
    .orderBy('tag'),
)

/** Adds properties and tags to rows, two queries whatever their number. */
export async function imagesComplete(db: Db, rows: ImageRow[]): Promise<Image[]> {
  if (rows.length === 0) return []
  const list = idList(rows.map((row) => row.id))
  const complete = new Map<string, Image>(rows.map((row) => [row.id, { ...row, properties: table(), tags: [] }]))
  for (const { image_id, name, value } of await propertiesOf.rows(db, { list })) complete.get(image_id)!.properties[name] = value
  for (const { image_id, tag } of await tagsOf.rows(db, { list })) complete.get(image_id)!.tags.push(tag)
  return [...complete.values()]
}

export async function imageInsert(db: Db, { properties, tags, ...row }: Image): Promise<void> {
  await imageRows.insert(db, row)
  await partsInsert(db, row.id, { properties, tags })
}

async function partsInsert(db: Db, image_id: string, { properties, tags }: Pick<Image, 'properties' | 'tags'>): Promise<void> {
  await imageProperties.insertMany(
    db,
    Object.entries(properties).map(([name, value]) => ({ image_id, name, value })),
  )
  await tagRows.insertMany(
    db,
    tags.map((tag) => ({ image_id, tag })),
  )
}

/** Saves what PATCH may change: the row's own fields, all properties, all tags. */
export async function imageSave(db: Db, image: Image): Promise<void> {
  const { id, name, project_id, visibility, disk_format, container_format, min_disk, min_ram, os_hidden, updated_at } = image
  const own = { name, project_id, visibility, disk_format, container_format, min_disk, min_ram, os_hidden, updated_at }
  await imageRows.update(db, id, { ...own, protected: image.protected })
  await imageProperties.delete(db, { image_id: id })
  await tagRows.delete(db, { image_id: id })
  await partsInsert(db, id, image)
}

const advance = shapedStatement<
  ImageTables,
  { id: string; status: ImageStatus[]; token?: string; change: Partial<ImageRow> },
  UpdateResult
>((from, { id, status, token, change }) => {
  const query = from.updateTable('images').set(change).where('id', '=', id).where('status', 'in', status)
  return token === undefined ? query : query.where('upload_token', '=', token)
})
/** Compare and set: changes the row if it is in one of these states (and of this upload, when one is named). True when it was. */
export const imageAdvance = async (
  db: Db,
  id: string,
  from: { status: ImageStatus[]; token?: string },
  change: Partial<ImageRow>,
): Promise<boolean> => (await advance.change(db, { id, ...from, change })) === 1

/** What a project holds: images, and bytes in them. */
export async function imageUsage(
  db: Db,
  projectId: string,
): Promise<{ count: number; bytes: number; stagedBytes: number; uploading: number }> {
  const row = await q(db)
    .selectFrom('images')
    .select([
      sql<number>`count(*)`.as('count'),
      sql<number>`coalesce(sum(case when status in ('active', 'deactivated') then size else 0 end), 0)`.as('bytes'),
      sql<number>`coalesce(sum(case when status in ('uploading', 'importing') then size else 0 end), 0)`.as('staged'),
      sql<number>`coalesce(sum(case when status in ('saving', 'uploading', 'importing') then 1 else 0 end), 0)`.as('uploading'),
    ])
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return { count: Number(row.count), bytes: Number(row.bytes), stagedBytes: Number(row.staged), uploading: Number(row.uploading) }
}

const abandoned = statement<ImageTables, { nowMs: number; limit: number }, Pick<ImageRow, 'id' | 'status' | 'upload_token'>>(
  (from, { nowMs, limit }) =>
    from
      .selectFrom('images')
      .select(['id', 'status', 'upload_token'])
      .where('upload_token', 'is not', null)
      .where('upload_lease_until', '<', nowMs)
      .limit(limit),
)
/** Uploads that nobody owns any more: their lease ran out before `nowMs`. */
export const imagesAbandoned = (db: Db, nowMs: number, limit: number) => abandoned.rows(db, { nowMs, limit })

const tokensOf = statement<ImageTables, InList, Pick<ImageRow, 'data_token' | 'upload_token'>>((from, { list }, db) =>
  from
    .selectFrom('images')
    .select(['data_token', 'upload_token'])
    .where(inList(db, 'id', list)),
)
/** The tokens that count for these images: of their data, and of an upload under way. */
export async function imageTokensOf(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await tokensOf.rows(db, { list: idList(ids) })
  return new Set(rows.flatMap((row) => [row.data_token, row.upload_token]).filter((token) => token !== null))
}

/** Images that should have bytes, or are getting them, by page. */
export const imagesHeldPage = (db: Db, after: string, limit: number) =>
  q(db)
    .selectFrom('images')
    .select(['id', 'status', 'size', 'data_token', 'upload_token', 'upload_lease_until', 'staged'])
    .where('status', 'not in', ['queued', 'killed'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

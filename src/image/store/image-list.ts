// SQL of the image list: what an actor may see, filters, pages. Which filters there are is decided in image-filters.ts.
import { sql, type Expression, type SqlBool } from 'kysely'
import { page, type Sort } from '../../platform/store/page.ts'
import type { Db } from '../../platform/store/store.ts'
import { imagesComplete, type Image, type ImageRow } from './images.ts'
import type { MemberStatus } from './members.ts'
import type { ImageTables } from './tables.ts'

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='
export type ImageColumn = keyof ImageRow

export interface ImageFilters {
  comparisons: { column: ImageColumn; comparison: Comparison; value: string | number }[]
  /** held against the column's whole seconds, as text without a zone */
  times: { column: 'created_at' | 'updated_at'; comparison: Comparison; value: string }[]
  oneOf: { column: ImageColumn; values: string[] }[]
  properties: Record<string, string>
  tags: string[]
  visibility?: 'public' | 'private' | 'shared' | 'community' | 'all' | undefined
  memberStatus: MemberStatus | 'all'
}

export interface ImageViewer {
  projectId: string | null
  /** sees every project's images */
  isAdmin: boolean
}

export interface ImageListRequest {
  viewer: ImageViewer
  filters: ImageFilters
  sorts: Sort[]
  limit: number
  after?: ImageRow | undefined
}

/** One page of images with their properties and tags. */
export async function imagesPage(db: Db, request: ImageListRequest): Promise<Image[]> {
  const { viewer, filters, sorts, limit, after } = request
  let query = db.as<ImageTables>().selectFrom('images').selectAll()
  if (!viewer.isAdmin) query = query.where(visibleTo(viewer, filters.memberStatus))
  if (filters.visibility === undefined)
    query = query.where(sql<SqlBool>`(visibility <> 'community' or project_id = ${viewer.projectId ?? ''})`)
  else if (filters.visibility !== 'all') query = query.where('visibility', '=', filters.visibility)
  for (const { column, comparison, value } of filters.comparisons) query = query.where(column, comparison, value)
  for (const { column, comparison, value } of filters.times) query = query.where(sql`substr(${sql.ref(column)}, 1, 19)`, comparison, value)
  for (const { column, values } of filters.oneOf) query = query.where(column, 'in', values)
  for (const [name, value] of Object.entries(filters.properties)) query = query.where(hasProperty(name, value))
  for (const tag of filters.tags)
    query = query.where(sql<SqlBool>`exists (select 1 from image_tags t where t.image_id = images.id and t.tag = ${tag})`)
  const rows = await page(query, { sorts, limit, after: after && { ...after } }).execute()
  return imagesComplete(db, rows)
}

const hasProperty = (name: string, value: string) =>
  sql<SqlBool>`exists (select 1 from image_properties p where p.image_id = images.id and p.name = ${name} and p.value = ${value})`

/** Public and community images, one's own, and those shared with one's project in the given membership state. */
function visibleTo({ projectId }: ImageViewer, memberStatus: MemberStatus | 'all'): Expression<SqlBool> {
  if (projectId === null) return sql<SqlBool>`visibility in ('public', 'community')`
  const status = memberStatus === 'all' ? sql`` : sql` and m.status = ${memberStatus}`
  return sql<SqlBool>`(visibility in ('public', 'community') or project_id = ${projectId} or (visibility = 'shared' and exists
    (select 1 from image_members m where m.image_id = images.id and m.member = ${projectId}${status})))`
}

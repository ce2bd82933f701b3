// SQL of metadata definitions.
import { sql, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ImageTables } from './tables.ts'

export interface NamespaceRow {
  id: string
  namespace: string
  display_name: string | null
  description: string | null
  visibility: 'public' | 'private'
  protected: number
  project_id: string | null
  created_at: string
  updated_at: string
}

export type ItemKind = 'object' | 'property' | 'tag' | 'resource_type'

export interface ItemRow {
  id: string
  namespace_id: string
  kind: ItemKind
  name: string
  /** JSON: what the kind holds beside its name */
  body: string
  created_at: string
  updated_at: string
}

const q = (db: Db) => db.as<ImageTables>()

export const namespaceFetch = (db: Db, namespace: string) =>
  q(db).selectFrom('metadef_namespaces').selectAll().where('namespace', '=', namespace).executeTakeFirst()
export const namespaceInsert = (db: Db, row: NamespaceRow) => q(db).insertInto('metadef_namespaces').values(row).execute()
export const namespaceUpdate = (db: Db, id: string, change: Partial<NamespaceRow>) =>
  q(db).updateTable('metadef_namespaces').set(change).where('id', '=', id).execute()
export const namespaceDelete = (db: Db, id: string) => q(db).deleteFrom('metadef_namespaces').where('id', '=', id).execute()

export interface NamespaceFilters {
  /** public ones and this project's; undefined: all */
  projectId: string | null | undefined
  visibility?: 'public' | 'private' | undefined
  resourceTypes?: string[] | undefined
}

export function namespacesPage(
  db: Db,
  { projectId, visibility, resourceTypes }: NamespaceFilters,
  request: PageRequest,
): Promise<NamespaceRow[]> {
  let query = q(db).selectFrom('metadef_namespaces').selectAll()
  if (projectId !== undefined) query = query.where(sql<SqlBool>`(visibility = 'public' or project_id = ${projectId ?? ''})`)
  if (visibility !== undefined) query = query.where('visibility', '=', visibility)
  if (resourceTypes !== undefined) {
    query = query.where(
      sql<SqlBool>`exists (select 1 from metadef_items i where i.namespace_id = metadef_namespaces.id and i.kind = 'resource_type' and i.name in (${sql.join(resourceTypes)}))`,
    )
  }
  return page(query, request).execute()
}

export const itemsOf = (db: Db, namespaceIds: string[], kind?: ItemKind): Promise<ItemRow[]> => {
  let query = q(db)
    .selectFrom('metadef_items')
    .selectAll()
    .where(idsIn(db, 'namespace_id', namespaceIds))
  if (kind !== undefined) query = query.where('kind', '=', kind)
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(10_000).execute()
}

export const itemFetch = (db: Db, namespaceId: string, kind: ItemKind, name: string) =>
  q(db)
    .selectFrom('metadef_items')
    .selectAll()
    .where('namespace_id', '=', namespaceId)
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst()
export const itemInsert = (db: Db, row: ItemRow) => q(db).insertInto('metadef_items').values(row).execute()
export const itemUpdate = (db: Db, id: string, change: Pick<ItemRow, 'name' | 'body' | 'updated_at'>) =>
  q(db).updateTable('metadef_items').set(change).where('id', '=', id).execute()
export const itemDelete = (db: Db, id: string) => q(db).deleteFrom('metadef_items').where('id', '=', id).execute()
export const itemsDelete = (db: Db, namespaceId: string, kind: ItemKind) =>
  q(db).deleteFrom('metadef_items').where('namespace_id', '=', namespaceId).where('kind', '=', kind).execute()

/** Names of resource types that some namespace is associated with. */
export const resourceTypeNames = (db: Db) =>
  q(db)
    .selectFrom('metadef_items')
    .select(['name', sql<string>`min(created_at)`.as('created_at')])
    .where('kind', '=', 'resource_type')
    .groupBy('name')
    .orderBy('name')
    .execute()

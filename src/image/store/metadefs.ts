// SQL of metadata definitions.
import { sql, type SqlBool } from 'kysely'
import { page, type PageRequest } from '../../platform/store/page.ts'
import { rows } from '../../platform/store/rows.ts'
import { idsIn } from '../../platform/store/ids-in.ts'
import type { Db } from '../../platform/store/store.ts'
import type { ImageTables } from './tables.ts'

export interface NamespaceRow {
  id: string
  namespace: string
  display_name: string | null
  description: string | null
  visibility: 'public' | 'private'
  protected: boolean
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
  /** what the kind holds beside its name */
  body: Record<string, unknown>
  created_at: string
  updated_at: string
}

const q = (db: Db) => db.as<ImageTables>()

export const namespaceRows = rows<NamespaceRow>('metadef_namespaces')
export const itemRows = rows<ItemRow>('metadef_items')

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
  itemRows.first(db, { namespace_id: namespaceId, kind, name })

/** Names of resource types that some namespace is associated with. */
export const resourceTypeNames = (db: Db) =>
  q(db)
    .selectFrom('metadef_items')
    .select(['name', sql<string>`min(created_at)`.as('created_at')])
    .where('kind', '=', 'resource_type')
    .groupBy('name')
    .orderBy('name')
    .execute()

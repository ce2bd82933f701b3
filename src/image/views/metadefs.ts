// Metadata definitions → what Glance shows.
import { type ItemRow, type Namespace, type NamespaceRow } from '../metadefs.ts'
import { seconds } from './images.ts'

const times = (row: { created_at: string; updated_at: string }) => ({
  created_at: seconds(row.created_at),
  updated_at: seconds(row.updated_at),
})

export const objectView = (namespace: string, item: ItemRow) => ({
  required: [],
  properties: {},
  ...item.body,
  name: item.name,
  ...times(item),
  self: `/v2/metadefs/namespaces/${namespace}/objects/${item.name}`,
  schema: '/v2/schemas/metadefs/object',
})
export const propertyView = (item: ItemRow) => ({ ...item.body, name: item.name })
export const tagView = (item: ItemRow) => ({ name: item.name, ...times(item) })
export const resourceTypeView = (item: ItemRow) => ({ ...item.body, name: item.name, ...times(item) })

export const propertiesView = (items: ItemRow[]) => Object.fromEntries(items.map((item) => [item.name, propertyView(item)]))

export const namespaceRowView = (row: NamespaceRow) => ({
  namespace: row.namespace,
  ...(row.display_name === null ? {} : { display_name: row.display_name }),
  ...(row.description === null ? {} : { description: row.description }),
  visibility: row.visibility,
  protected: row.protected,
  owner: row.project_id,
  ...times(row),
  self: `/v2/metadefs/namespaces/${row.namespace}`,
  schema: '/v2/schemas/metadefs/namespace',
})

/** What the namespace holds is left out where it holds nothing. */
export function namespaceView({ row, items }: Namespace) {
  const of = (kind: ItemRow['kind']) => items.filter((item) => item.kind === kind)
  const [types, objects, tags, properties] = [of('resource_type'), of('object'), of('tag'), of('property')]
  return {
    ...namespaceRowView(row),
    ...(types.length > 0 ? { resource_type_associations: types.map(resourceTypeView) } : {}),
    ...(properties.length > 0 ? { properties: propertiesView(properties) } : {}),
    ...(objects.length > 0 ? { objects: objects.map((item) => objectView(row.namespace, item)) } : {}),
    ...(tags.length > 0 ? { tags: tags.map(({ name }) => ({ name })) } : {}),
  }
}

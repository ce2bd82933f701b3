// What the timeline is told of image's rows: never where data lies, what a task was given, or values of properties.
import type { FactsOf } from '../../platform/store/facts.ts'

export const facts: FactsOf = {
  images: {
    type: 'image',
    areIdsUsedOnce: true,
    project: 'project_id',
    by: [],
    facts: [
      'project_id',
      'name',
      'status',
      'visibility',
      'disk_format',
      'container_format',
      'size',
      'virtual_size',
      'checksum',
      'os_hash_value',
      'min_disk',
      'min_ram',
      'protected',
      'os_hidden',
      'created_at',
    ],
    quiet: ['updated_at', 'upload_token', 'upload_lease_until'],
  },
  image_properties: { type: 'image', id: 'image_id', part: { name: 'property', key: ['name'] }, facts: [] },
  image_tags: { type: 'image', id: 'image_id', part: { name: 'tag', key: ['tag'] }, facts: [] },
  image_members: { type: 'image', id: 'image_id', part: { name: 'member', key: ['member'] }, facts: ['status'] },
  image_tasks: { type: 'image_task', project: 'project_id', facts: ['type', 'status', 'image_id'], quiet: ['updated_at'] },
  metadef_namespaces: {
    type: 'metadef_namespace',
    called: 'namespace',
    project: 'project_id',
    facts: ['namespace', 'display_name', 'description', 'visibility', 'protected'],
    quiet: ['updated_at'],
  },
  metadef_items: { type: 'metadef_namespace', id: 'namespace_id', part: { name: 'item', key: ['kind', 'id'] }, facts: ['name'] },
}

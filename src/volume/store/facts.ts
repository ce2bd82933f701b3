// What the timeline is told of volume's rows: never connections, transfer keys, or values of metadata.
import type { FactsOf } from '../../platform/store/facts.ts'

const described = ['project_id', 'user_id', 'name', 'description', 'status', 'created_at']

export const facts: FactsOf = {
  volumes: {
    type: 'volume',
    project: 'project_id',
    by: [],
    facts: [
      ...described,
      'size',
      'growing_to',
      'volume_type_id',
      'availability_zone',
      'host',
      'bootable',
      'multiattach',
      'encrypted',
      'source_volid',
      'snapshot_id',
      'group_id',
      'migration_status',
      'launched_at',
    ],
    quiet: ['updated_at', 'previous_status'],
  },
  volume_attachments: {
    type: 'volume',
    id: 'volume_id',
    part: { name: 'attachment', key: ['id'] },
    facts: ['server_id', 'attached_host', 'mountpoint', 'attach_mode', 'status', 'attached_at'],
  },
  volume_snapshots: {
    type: 'snapshot',
    project: 'project_id',
    by: [],
    facts: [...described, 'volume_id', 'size', 'progress', 'volume_type_id', 'group_snapshot_id'],
    quiet: ['updated_at'],
  },
  volume_transfers: {
    type: 'volume_transfer',
    project: 'source_project_id',
    facts: ['name', 'volume_id', 'source_project_id', 'destination_project_id', 'accepted', 'no_snapshots'],
  },
  volume_types: {
    type: 'volume_type',
    by: [],
    facts: ['name', 'description', 'is_public', 'extra_specs', 'qos_specs_id'],
    quiet: ['updated_at'],
  },
  volume_type_access: { type: 'volume_type', id: 'volume_type_id', part: { name: 'access', key: ['project_id'] }, facts: [] },
  volume_default_types: { type: 'default_type', id: 'project_id', facts: ['volume_type_id'] },
  volume_qos_specs: { type: 'qos_specs', facts: ['name', 'consumer', 'specs'] },
  volume_group_types: { type: 'group_type', facts: ['name', 'description', 'is_public', 'group_specs'] },
  volume_groups: {
    type: 'volume_group',
    project: 'project_id',
    by: [],
    facts: [...described, 'group_type_id', 'volume_types', 'availability_zone', 'group_snapshot_id', 'source_group_id'],
  },
  volume_group_snapshots: { type: 'volume_group_snapshot', project: 'project_id', facts: [...described, 'group_id', 'group_type_id'] },
  volume_messages: { type: 'message', project: 'project_id', facts: ['resource_type', 'resource_uuid', 'event_id', 'message_level'] },
  volume_services: {
    type: 'volume_service',
    facts: ['host', 'disabled', 'disabled_reason', 'frozen', 'total_gib'],
    quiet: ['free_gib', 'updated_at'],
  },
}

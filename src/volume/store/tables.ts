// The tables of volume, as Kysely sees them: one line a table, each row type in its resource's file.
import type { ColumnsOf } from '../../platform/store/columns.ts'
import type { AttachmentRow } from './attachments.ts'
import type { GroupRow, GroupSnapshotRow, GroupTypeRow } from './groups.ts'
import type { MessageRow } from './messages.ts'
import type { QosSpecsRow } from './qos.ts'
import type { VolumeServiceRow } from './services.ts'
import type { SnapshotRow } from './snapshots.ts'
import type { TransferRow } from './transfers.ts'
import type { DefaultTypeRow, TypeAccessRow, VolumeTypeRow } from './types.ts'
import type { VolumeRow } from './volumes.ts'

export interface VolumeTables {
  volumes: VolumeRow
  volume_attachments: AttachmentRow
  volume_snapshots: SnapshotRow
  volume_types: VolumeTypeRow
  volume_type_access: TypeAccessRow
  volume_default_types: DefaultTypeRow
  volume_qos_specs: QosSpecsRow
  volume_transfers: TransferRow
  volume_messages: MessageRow
  volume_services: VolumeServiceRow
  volume_group_types: GroupTypeRow
  volume_groups: GroupRow
  volume_group_snapshots: GroupSnapshotRow
}

/** The columns that hold yes or no, or a value. */
export const volumeColumns: ColumnsOf<VolumeTables> = {
  volumes: { bootable: 'flag', multiattach: 'flag', encrypted: 'flag', metadata: 'json', admin_metadata: 'json', image_metadata: 'json' },
  volume_attachments: { owned: 'flag', connector: 'json', connection: 'json' },
  volume_snapshots: { metadata: 'json' },
  volume_types: { is_public: 'flag', extra_specs: 'json', encryption: 'json' },
  volume_qos_specs: { specs: 'json' },
  volume_transfers: { accepted: 'flag', no_snapshots: 'flag' },
  volume_services: { disabled: 'flag', frozen: 'flag' },
  volume_group_types: { is_public: 'flag', group_specs: 'json' },
  volume_groups: { volume_types: 'json' },
}

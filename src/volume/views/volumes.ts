// VolumeRow → what Cinder shows, by microversion; some attributes for admins only.
import type { Context } from '../../platform/context.ts'
import { poolName } from '../capabilities.ts'
import type { VolumeDetails } from '../volume-listing.ts'
import type { VolumeRow } from '../volumes.ts'
import { linksOf, micros } from './texts.ts'

export const volumeSummaryView = (ctx: Context, row: VolumeRow) => ({ id: row.id, name: row.name, links: linksOf(ctx, 'volumes', row.id) })

/** As a create answers. */
export function volumeView(ctx: Context, { row, typeName, attachments }: VolumeDetails): Record<string, unknown> {
  const { microversion: version } = ctx
  const admin = ctx.isAdmin
  return {
    id: row.id,
    status: row.status,
    size: row.size,
    availability_zone: row.availability_zone,
    created_at: micros(row.created_at),
    updated_at: micros(row.updated_at),
    name: row.name,
    description: row.description,
    volume_type: typeName,
    snapshot_id: row.snapshot_id,
    source_volid: row.source_volid,
    metadata: metadataView(row),
    links: linksOf(ctx, 'volumes', row.id),
    user_id: row.user_id,
    bootable: row.bootable ? 'true' : 'false',
    encrypted: row.encrypted,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: row.multiattach,
    attachments: attachments
      .filter((each) => each.status === 'attached' || each.status === 'detaching')
      .map((each) => ({
        id: row.id,
        attachment_id: each.id,
        volume_id: row.id,
        server_id: each.server_id,
        host_name: admin ? each.attached_host : null,
        device: each.mountpoint,
        attached_at: micros(each.attached_at),
      })),
    migration_status: row.migration_status,
    ...(version.atLeast('3.13') ? { group_id: row.group_id } : {}),
    ...(version.atLeast('3.21') && admin ? { provider_id: null } : {}),
    ...(version.atLeast('3.48') ? { shared_targets: false, service_uuid: null } : {}),
    ...(version.atLeast('3.61') && admin ? { cluster_name: null } : {}),
    ...(version.atLeast('3.63') ? { volume_type_id: row.volume_type_id } : {}),
    ...(version.atLeast('3.65') ? { consumes_quota: true } : {}),
  }
}

/** As show and the detailed list answer. */
export function volumeDetailView(ctx: Context, details: VolumeDetails): Record<string, unknown> {
  const { row } = details
  const admin = ctx.isAdmin
  const imageMetadata = row.image_metadata === null || Object.keys(row.image_metadata).length === 0 ? null : row.image_metadata
  return {
    ...volumeView(ctx, details),
    ...(imageMetadata === null ? {} : { volume_image_metadata: imageMetadata }),
    'os-vol-tenant-attr:tenant_id': row.project_id,
    ...(admin
      ? {
          'os-vol-mig-status-attr:migstat': row.migration_status,
          'os-vol-mig-status-attr:name_id': null,
          'os-vol-host-attr:host': row.host === null ? null : poolName(ctx, row.host),
        }
      : {}),
  }
}

/** What an operator's flags say is shown among the metadata. */
const metadataView = (row: VolumeRow): Record<string, string> => ({ ...row.metadata, ...row.admin_metadata })

// Volume backups, as a Cinder without a backup service answers: there are none, and none can be made. Other faults of a request are
// reported first.
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, notFound } from '../platform/errors.ts'
import { invalidVolume, overLimit } from './errors.ts'
import { knownFilters, type ListQuery } from './listing.ts'
import { volumeQuotas } from './quota.ts'
import { snapshotRowGet } from './snapshots.ts'
import { volumeRowGet } from './volumes.ts'
import { quotaLimits } from '../platform/quota.ts'

export interface BackupDraft {
  volumeId: string
  snapshotId: string | null
  force: boolean
  incremental: boolean
}

const noService = (name: string) => new ApiError('unavailable', `Service ${name} could not be found.`)

export const backupNotFound = (id: string) => notFound(`Backup ${id} could not be found.`)

export function backupsList(ctx: Context, query: ListQuery): void {
  ctx.authorize()
  knownFilters(ctx, query, { resource: 'backup', before: ['name', 'status', 'volume_id'] })
  if (query.marker !== undefined) throw backupNotFound(query.marker)
}

export async function backupCreate(ctx: Context, { volumeId, snapshotId, force, incremental }: BackupDraft): Promise<never> {
  const volume = await volumeRowGet(ctx, volumeId, 'backup:create')
  if (snapshotId !== null) {
    const snapshot = await snapshotRowGet(ctx, snapshotId, 'volume:get_snapshot')
    if (snapshot.volume_id !== volumeId)
      throw invalidVolume(`Volume ${volumeId} does not match with snapshot.volume_id ${snapshot.volume_id}.`)
    if (snapshot.status !== 'available')
      throw badRequest(`Invalid snapshot: Snapshot to be backed up must be available, but the current status is "${snapshot.status}".`)
  } else if (volume.status !== 'available' && volume.status !== 'in-use') {
    throw invalidVolume(`Volume to be backed up must be available or in-use, but the current status is "${volume.status}".`)
  } else if (volume.status === 'in-use' && !force) throw invalidVolume('Backing up an in-use volume must use the force flag.')
  const limits = await quotaLimits(ctx.db, 'volume', ctx.projectId, volumeQuotas)
  const refused = (name: string, wanted: number): boolean => (limits[name] ?? -1) >= 0 && wanted > (limits[name] ?? -1)
  if (refused('backups', 1)) throw overLimit(`BackupLimitExceeded: Maximum number of backups allowed (${limits['backups']}) exceeded`)
  if (refused('backup_gigabytes', volume.size)) {
    throw overLimit(
      `VolumeBackupSizeExceedsAvailableQuota: Requested backup exceeds allowed Backup gigabytes quota. Requested ${volume.size}G, quota is ${limits['backup_gigabytes']}G and 0G has been consumed.`,
    )
  }
  if (incremental) throw badRequest('Invalid backup: No backups available to do an incremental backup.')
  throw noService('cinder-backup')
}

export function backupImport(ctx: Context, service: string): never {
  ctx.authorize()
  throw noService(service)
}

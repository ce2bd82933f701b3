// os-retype: types differ in what they promise, not in where the data lies, so that the change is a row's. The volume and
// its snapshots count from then on against the limits of the new type.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { eventAppend } from '../platform/events.ts'
import { capabilitiesOf, satisfies } from './capabilities.ts'
import { invalidInput, invalidType, invalidVolume } from './errors.ts'
import { quotaCheck } from './quota.ts'
import { snapshotsOfVolume, snapshotsRetype } from './store/snapshots.ts'
import { volumeRows, type VolumeRow } from './store/volumes.ts'
import { isMultiattach, typeMayBeUsed, type VolumeTypeRow } from './volume-types.ts'
import { volumeRowGet } from './volumes.ts'

export async function volumeRetype(ctx: Context, id: string, newType: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await volumeRowGet(tx, id, 'volume:retype')
    const type = await typeMayBeUsed(tx, newType)
    refuseUnfit(tx, row, type)
    const snapshots = await snapshotsOfVolume(tx.db, id)
    const gib = row.size + snapshots.reduce((sum, { size }) => sum + size, 0)
    await quotaCheck(tx, { projectId: row.project_id, typeId: type.id, volumes: 1, snapshots: snapshots.length, gib, typeOnly: true })
    const change = { volume_type_id: type.id, multiattach: isMultiattach(type), updated_at: isoMillis(tx.clock.nowMs()) }
    const mayChange = row.migration_status === null && row.group_id === null && row.volume_type_id !== type.id
    if (!mayChange || !(await volumeRows.advance(tx.db, { id, status: ['available', 'in-use'] }, change))) throw invalidVolume(needs)
    await snapshotsRetype(tx.db, id, type.id)
    await eventAppend(tx, {
      resourceType: 'volume',
      resourceId: id,
      projectId: row.project_id,
      action: 'retype',
      result: 'success',
      details: { from: row.volume_type_id, to: type.id },
    })
  })
}

const needs =
  'Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency group, requested type has to be ' +
  'different that the one from the volume, and for in-use volumes front-end qos specs cannot change.'

/** What the new type asks for and this volume, or this cloud, cannot give. */
function refuseUnfit(tx: Context, row: VolumeRow, type: VolumeTypeRow): void {
  if (isMultiattach(type) !== row.multiattach) {
    if (row.status !== 'available') {
      throw invalidInput(
        `Invalid volume_type passed, retypes affecting multiattach are only allowed on available volumes, the specified volume however currently has a status of: ${row.status}.`,
      )
    }
    if (isMultiattach(type)) tx.authorize({ project_id: row.project_id }, 'volume:multiattach')
  }
  if (type.encryption !== null) throw invalidType('encrypted types are not supported.')
  if (!satisfies(capabilitiesOf(tx), type.extra_specs)) throw invalidType(`no storage has what the extra specs of ${type.name} ask for.`)
}

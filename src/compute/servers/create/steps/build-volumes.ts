// The volumes of a server that is being built: those that exist were reserved with the request; the others are made,
// waited for and reserved. Undone, they are released, and what was made is deleted.
import { attachmentReserveMade, volumeCreateAccepted, volumeDeleteAccepted, type AcceptedVolume } from '../../../../volume/index.ts'
import type { Context } from '../../../../platform/context.ts'
import { assert } from '../../../../platform/errors.ts'
import { PermanentError, type Step } from '../../../../platform/work/definition.ts'
import { table } from '../../../../platform/table.ts'
import { connectVolumes, hasVolumes, volumesRelease, type ServerVolumes } from '../../guest/steps/volumes.ts'
import { deviceChange, devicesOf } from '../../store/parts.ts'
import { volumesReady } from './volumes-ready.ts'

export interface BuildVolumes extends ServerVolumes {
  host: string
  /** what is to be made: device's id → what was accepted with the server; absent in work of an earlier version */
  volumes?: Record<string, AcceptedVolume>
  /** volumes that this saga made: device's id → volume's id */
  made?: Record<string, string>
}

type VolumeStep = Step<BuildVolumes>

/** Stands first of all: what was reserved with the request is released when the build fails. */
export const releaseVolumes: VolumeStep = {
  name: 'volumes of the request',
  applies: hasVolumes,
  undo: (work, { serverId }) => volumesRelease(work, serverId),
}

const makeVolumes: VolumeStep = {
  name: 'make volumes',
  applies: hasVolumes,
  async commit({ ctx }, data) {
    const made: Record<string, string> = table()
    for (const row of await devicesOf(ctx.db, data.serverId)) {
      if (row.destination_type !== 'volume' || row.volume_id !== null) continue
      const accepted = data.volumes?.[row.id]
      if (!accepted)
        throw new PermanentError(
          'What this volume is made of was accepted by an earlier version of the cloud, and is not looked up without its user.',
        )
      const volume = await volumeCreateAccepted(ctx, accepted, { host: data.host })
      made[row.id] = volume.id
      await deviceChange(ctx.db, row.id, { volume_id: volume.id, volume_size: volume.sizeGib })
    }
    return { made }
  },
  async undoCommit({ ctx }, { made = {} }) {
    for (const [deviceId, volumeId] of Object.entries(made)) {
      await deviceChange(ctx.db, deviceId, { volume_id: null })
      await volumeDeleteAccepted(ctx, volumeId)
    }
  },
}

const reserveMade: VolumeStep = {
  name: 'reserve made volumes',
  applies: (data) => hasVolumes(data) && Object.keys(data.made ?? {}).length > 0,
  run: (work, { made = {} }) => volumesReady(work, Object.values(made)),
  async commit({ ctx }, { serverId, made = {} }) {
    const rows = new Map((await devicesOf(ctx.db, serverId)).map((row) => [row.id, row]))
    for (const [deviceId, volumeId] of Object.entries(made)) {
      const row = rows.get(deviceId)
      assert(row?.attachment_id, `the device ${deviceId} has no attachment id`)
      await attachmentReserveMade(ctx, { volumeId, serverId, attachmentId: row.attachment_id, mountpoint: row.device })
    }
  },
  undo: (work, { serverId }) => volumesRelease(work, serverId),
}

export const buildVolumes: VolumeStep[] = [
  makeVolumes,
  reserveMade,
  { ...connectVolumes, undo: (work, { serverId }) => volumesRelease(work, serverId) },
]

/** After an abandoned undo of a build: deletes the volumes that it made and that are no devices of the server. Nobody would know what they are. */
export async function strayVolumesDelete(tx: Context, { serverId, made = {} }: BuildVolumes): Promise<void> {
  const kept = new Set((await devicesOf(tx.db, serverId)).map(({ id }) => id))
  for (const [deviceId, volumeId] of Object.entries(made)) if (!kept.has(deviceId)) await volumeDeleteAccepted(tx, volumeId)
}

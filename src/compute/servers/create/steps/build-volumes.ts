// The volumes of a server that is being built or unshelved: made where they do not exist, reserved, connected to the
// host. Steps of create.saga.ts.
import {
  attachmentConnect,
  attachmentDetach,
  attachmentReserveMade,
  volumeCreateAccepted,
  volumeDelete,
  type AcceptedVolume,
} from '../../../../volume/index.ts'
import type { Context } from '../../../../platform/context.ts'
import { assert } from '../../../../platform/errors.ts'
import { PermanentError, type Step, type WorkContext } from '../../../../platform/work/definition.ts'
import { table } from '../../../../platform/table.ts'
import { deviceChange, devicesOf, type ServerDeviceRow } from '../../store/parts.ts'
import { volumesReady } from './volumes-ready.ts'

export interface BuildVolumes {
  serverId: string
  host: string
  hasVolumes: boolean
  /** what is to be made: device's id → what was accepted with the server; absent in work of an earlier version */
  volumes?: Record<string, AcceptedVolume>
  /** volumes that this saga made: device's id → volume's id */
  made?: Record<string, string>
}

const isVolume = (row: ServerDeviceRow) => row.destination_type === 'volume'
const applies = ({ hasVolumes }: BuildVolumes) => hasVolumes

/** Lets go of what is held; fine for what is not. */
async function release(work: WorkContext, { serverId }: BuildVolumes): Promise<void> {
  for (const row of await devicesOf(work.ctx.db, serverId)) {
    if (row.attachment_id !== null) await attachmentDetach(work, row.attachment_id)
  }
}

/** Stands first of all: existing volumes were reserved with the request, and are let go when the build fails. */
export const reservedStep = <Data extends BuildVolumes>(): Step<Data> => ({ name: 'reserved volumes', applies, undo: release })

export function volumeSteps<Data extends BuildVolumes>(): Step<Data>[] {
  const make: Step<Data> = {
    name: 'make volumes',
    applies,
    async commit({ ctx }, data) {
      const made: Record<string, string> = table()
      for (const row of await devicesOf(ctx.db, data.serverId)) {
        if (!isVolume(row) || row.volume_id !== null) continue
        const accepted = data.volumes?.[row.id]
        if (!accepted)
          throw new PermanentError(
            'What this volume is made of was accepted by an earlier version of the cloud, and is not looked up without its user.',
          )
        const volume = await volumeCreateAccepted(ctx, accepted, { host: data.host })
        made[row.id] = volume.id
        await deviceChange(ctx.db, row.id, { volume_id: volume.id, volume_size: volume.sizeGib })
      }
      return { made } as Partial<Data>
    },
    async undoCommit({ ctx }, data) {
      for (const [deviceId, volumeId] of Object.entries(data.made ?? {})) {
        await deviceChange(ctx.db, deviceId, { volume_id: null })
        await volumeDelete(ctx, volumeId)
      }
    },
  }
  const reserve: Step<Data> = {
    name: 'reserve volumes',
    applies: (data) => applies(data) && Object.keys(data.made ?? {}).length > 0,
    run: (work, data) => volumesReady(work, Object.values(data.made ?? {})),
    async commit({ ctx }, data) {
      const rows = new Map((await devicesOf(ctx.db, data.serverId)).map((row) => [row.id, row]))
      for (const [deviceId, volumeId] of Object.entries(data.made ?? {})) {
        const row = rows.get(deviceId)
        assert(row?.attachment_id, `the device ${deviceId} has no attachment id`)
        await attachmentReserveMade(ctx, { volumeId, serverId: data.serverId, attachmentId: row.attachment_id, mountpoint: row.device })
      }
    },
    undo: release,
  }
  const connect: Step<Data> = {
    name: 'connect volumes',
    applies,
    async run(work, data) {
      const connections: Record<string, string> = table()
      for (const row of await devicesOf(work.ctx.db, data.serverId)) {
        if (row.attachment_id !== null) connections[row.id] = JSON.stringify(await attachmentConnect(work, row.attachment_id))
      }
      return { connections } as unknown as Partial<Data>
    },
    async commit({ ctx }, data) {
      const { connections } = data as unknown as { connections: Record<string, string> }
      for (const [deviceId, connection] of Object.entries(connections)) await deviceChange(ctx.db, deviceId, { connection })
      return { connections: undefined } as unknown as Partial<Data>
    },
    undo: release,
    async undoCommit({ ctx }, data) {
      for (const row of await devicesOf(ctx.db, data.serverId)) await deviceChange(ctx.db, row.id, { connection: null })
    },
  }
  return [make, reserve, connect]
}

/** Taking the build back was given up: volumes that it made and that are no devices of the server go, nobody would know what they were. */
export async function madeVolumesGiveUp(tx: Context, { serverId, made = {} }: BuildVolumes): Promise<void> {
  const kept = new Set((await devicesOf(tx.db, serverId)).map(({ id }) => id))
  for (const [deviceId, volumeId] of Object.entries(made)) if (!kept.has(deviceId)) await volumeDelete(tx, volumeId)
}

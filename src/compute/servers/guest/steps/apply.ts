// How sagas speak to a server's guest: the row is read anew, the spec is built from rows, the host makes it so.
import type { Host } from '../../../../contract/host.ts'
import type { GuestPower, GuestReport } from '../../../../contract/guests.ts'
import type { Context } from '../../../../platform/context.ts'
import { assert } from '../../../../platform/errors.ts'
import { PermanentError, type WorkContext } from '../../../../platform/work/definition.ts'
import { guestSpec } from '../spec.ts'
import { power as powers } from '../../states.ts'
import { serverFetch, type ServerRow } from '../../store/servers.ts'

/** The server as it is now; a saga whose server is gone has nothing to do. */
export async function serverOfWork(ctx: Context, serverId: string): Promise<ServerRow> {
  const server = await serverFetch(ctx.db, serverId)
  if (!server) throw new PermanentError(`The server ${serverId} is gone.`)
  return server
}

/** Where the server's guest is. */
export function hostOf(ctx: Context, server: ServerRow): Host {
  assert(server.host !== null, `the server ${server.id} has no host`)
  return ctx.hosts.get(server.host)
}

/** Makes the guest as the rows say, with this power. */
export async function guestApply(work: WorkContext, serverId: string, power: GuestPower): Promise<GuestReport> {
  const server = await serverOfWork(work.ctx, serverId)
  return hostOf(work.ctx, server).guests.apply(await guestSpec(work.ctx, server, power), work.call)
}

/** A step's run or undo: the guest as the rows say, with this power. */
export const toPower =
  <Data extends { serverId: string }>(power: GuestPower | ((data: Data) => GuestPower)) =>
  async (work: WorkContext, data: Data): Promise<void> =>
    void (await guestApply(work, data.serverId, typeof power === 'string' ? power : power(data)))

/** It does not run, and has nothing to go on with. */
export const hasEnded = (power: GuestReport['power']): power is 'stopped' | 'crashed' | 'absent' =>
  power === 'stopped' || power === 'crashed' || power === 'absent'

/** The API's number for what a guest does. */
export function powerNumber(power: GuestReport['power']): number {
  switch (power) {
    case 'running':
      return powers.running
    case 'paused':
      return powers.paused
    case 'suspended':
    case 'stopped':
      return powers.shutdown
    case 'crashed':
      return powers.crashed
    case 'absent':
      return powers.none
  }
}

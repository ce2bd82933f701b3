// Makes a server's guest as its rows say, whatever else its server went through since: plugging, and mending.
import type { GuestPower } from '../../../../contract/guests.ts'
import { NotYet, type WorkContext } from '../../../../platform/work/definition.ts'
import { powerOfState } from '../../states.ts'
import type { ServerRow } from '../../store/servers.ts'
import { guestApply, hasEnded, hostOf, serverOfWork } from './apply.ts'

const waitMs = 5_000

/**
 * The guest as the rows say, with the power that it should have now. A server that was offloaded meanwhile has none to make;
 * a guest that has ended by itself is not started for this.
 */
export async function guestRefresh(work: WorkContext, serverId: string): Promise<void> {
  const server = await serverOfWork(work.ctx, serverId)
  if (server.host === null) return
  // the build's own call must not find itself overtaken
  if (server.vm_state === 'building' || server.vm_state === 'shelved_offloaded') throw new NotYet('the server is being built', waitMs)
  const { power: found } = await hostOf(work.ctx, server).guests.observe(serverId)
  const resting = restingPower(server)
  // nobody says what the guest of a broken server should do: it goes on with it, and is not made anew
  if (resting === null && found === 'absent') return
  await guestApply(work, serverId, hasEnded(found) ? 'stopped' : (resting ?? found))
}

function restingPower({ vm_state, power_state }: ServerRow): GuestPower | null {
  return vm_state === 'resized' && power_state === 4 ? 'stopped' : powerOfState(vm_state)
}

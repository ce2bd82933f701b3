// Removing a guest from its host. Nobody waits for ever for a host that does not answer: the observer removes guests that no
// row explains, when it is back.
import { HostError } from '../../../../contract/call.ts'
import { ApiError } from '../../../../platform/errors.ts'
import type { WorkContext } from '../../../../platform/work/definition.ts'

const triesOfLostHost = 3

const isLost = (error: unknown): boolean =>
  (error instanceof HostError && error.code === 'unreachable') || (error instanceof ApiError && error.code === 'unavailable')

/** False: the host is lost, and may still run the guest. */
export async function guestRemove(work: WorkContext, serverId: string, host: string): Promise<boolean> {
  try {
    await work.ctx.hosts.get(host).guests.remove(serverId, work.call)
    return true
  } catch (error) {
    if (!isLost(error) || work.attempt < triesOfLostHost) throw error
    work.ctx.log.warn({ server: serverId, host }, 'the host does not answer: its guest is removed when it is back')
    return false
  }
}

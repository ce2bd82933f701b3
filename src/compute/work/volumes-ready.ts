// Waiting for volumes that another saga makes: until all are available, one has failed, or this saga's lease or
// deadline ends.
import { delay } from '../../platform/clock.ts'
import { PermanentError, type WorkContext } from '../../platform/work/definition.ts'
import { volumesByIds } from '../../volume/index.ts'

const firstWaitMs = 20
const maxWaitMs = 1_000
/** the saga's own deadline comes first; this only bounds the loop */
const maxRounds = 10_000

/** Resolves when every volume is available. */
export async function volumesReady(work: WorkContext, volumeIds: string[]): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const volumes = await volumesByIds(work.ctx, volumeIds)
    const states = volumeIds.map((id) => ({ id, status: volumes.get(id)?.status ?? 'deleted' }))
    const failed = states.find(({ status }) => status.startsWith('error') || status === 'deleted' || status === 'deleting')
    if (failed) throw new PermanentError(`Volume ${failed.id} did not finish being created: its status is ${failed.status}.`)
    if (states.every(({ status }) => status !== 'creating' && status !== 'downloading')) return
    await delay(work.ctx.clock, Math.min(firstWaitMs * 1.5 ** round, maxWaitMs), work.call.signal)
  }
  throw new Error('the volumes were not made in time')
}

// Waiting for volumes that another saga makes: looked at again and again until all are available, one has failed, or
// this saga's deadline ends.
import { NotYet, PermanentError, type WorkContext } from '../../../../platform/work/definition.ts'
import { volumesByIds } from '../../../../volume/index.ts'

/** between two looks: an eighth of how long it has taken so far, within these */
const shortestWaitMs = 100
const longestWaitMs = 5_000

/** Ends well when every volume is available. */
export async function volumesReady(work: WorkContext, volumeIds: string[]): Promise<void> {
  const volumes = await volumesByIds(work.ctx, volumeIds)
  for (const id of volumeIds) {
    const { status, createdAt } = volumes.get(id) ?? { status: 'deleted', createdAt: '' }
    if (status.startsWith('error') || status === 'deleted' || status === 'deleting')
      throw new PermanentError(`Volume ${id} did not finish being created: its status is ${status}.`)
    if (status === 'creating' || status === 'downloading')
      throw new NotYet(`volume ${id} is ${status}`, waitMs(work.ctx.clock.nowMs() - Date.parse(createdAt)))
  }
}

const waitMs = (ageMs: number): number => Math.min(Math.max(ageMs / 8, shortestWaitMs), longestWaitMs)

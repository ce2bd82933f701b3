// Waiting for volumes that another saga makes: looked at again and again until all are available, one has failed, or
// this saga's deadline ends.
import { NotYet, PermanentError, type WorkContext } from '../../platform/work/definition.ts'
import { volumesByIds } from '../../volume/index.ts'

const lookAgainMs = 100

/** Ends well when every volume is available. */
export async function volumesReady(work: WorkContext, volumeIds: string[]): Promise<void> {
  const volumes = await volumesByIds(work.ctx, volumeIds)
  for (const id of volumeIds) {
    const status = volumes.get(id)?.status ?? 'deleted'
    if (status.startsWith('error') || status === 'deleted' || status === 'deleting') throw new PermanentError(`Volume ${id} did not finish being created: its status is ${status}.`)
    if (status === 'creating' || status === 'downloading') throw new NotYet(`volume ${id} is ${status}`, lookAgainMs)
  }
}

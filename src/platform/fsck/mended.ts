// The line of a difference that fsck mended.
import type { Context } from '../context.ts'
import { eventAppend } from '../events.ts'
import type { Finding } from './check.ts'

export const mendTell = (tx: Context, check: string, { resourceType, resourceId, host = null, message, repair }: Finding): Promise<void> =>
  eventAppend(tx, {
    resourceType,
    resourceId,
    projectId: null,
    action: 'fsck',
    event: check,
    result: 'success',
    host,
    message: `${message}: ${repair?.words}`,
  })

// Attachments against their volumes. Whether compute's devices agree with them is compute's to check.
import type { Context } from '../../platform/context.ts'
import type { Check, Finding } from '../../platform/fsck/check.ts'
import { table } from '../../platform/table.ts'
import { statusFollow } from '../attachments.ts'
import { attachmentRows } from '../store/attachments.ts'
import { attachmentsAstray, volumesContradicted, volumesShared } from '../store/checks.ts'

export const attachmentsCheck: Check = { name: 'attachments', invariant: 5, find }

const most = 1000

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for (const { id, volume_id, server_id } of await attachmentsAstray(ctx.db, most)) {
    const repair = {
      words: 'delete the attachment',
      run: async (work: { ctx: Context }) => void (await attachmentRows.delete(work.ctx.db, id)),
    }
    yield {
      resourceType: 'volume',
      resourceId: volume_id,
      concerns: server_id === null ? [] : [server_id],
      message: `the attachment ${id} is of a volume that is gone`,
      repair,
    }
  }
  for (const { id, attachments } of await volumesShared(ctx.db, most)) {
    yield {
      resourceType: 'volume',
      resourceId: id,
      message: `it is for one writer, and has ${attachments} attachments: detach it where it should not be`,
    }
  }
  for (const { id, status } of await volumesContradicted(ctx.db, most)) {
    const repair = {
      words: 'set its status by its attachments',
      run: (work: { ctx: Context }) => work.ctx.transaction((tx) => statusFollow(tx, id)),
    }
    yield { resourceType: 'volume', resourceId: id, message: contradictions[status] ?? status, repair }
  }
}

const contradictions: Record<string, string> = table({
  available: 'it is available, and has an attachment',
  detaching: 'it rests in detaching, and its attachment is attached',
  'in-use': 'it is in use, and has no attachment that is attached',
})

// The record of what is done to an image, as a task: begun, turned and ended in the transactions of that work.
import { isoMillis } from '../platform/clock.ts'
import { defined } from '../platform/defined.ts'
import type { Context } from '../platform/context.ts'
import { type ImageTaskRow, taskChange, taskRows } from './store/tasks.ts'

const taskLifeMs = 48 * 3_600_000

export interface NewTask {
  id?: string
  type: ImageTaskRow['type']
  status?: ImageTaskRow['status']
  imageId: string | null
  input: object
  message?: string
  result?: object | null
}

/** Writes a task in the transaction that begins (or already did) what it records. */
export async function taskBegin(
  tx: Context,
  { id = tx.ids.uuid(), type, status = 'pending', imageId, input, message = '', result = null }: NewTask,
): Promise<ImageTaskRow> {
  const nowMs = tx.clock.nowMs()
  const isOver = status === 'success' || status === 'failure'
  const row: ImageTaskRow = {
    id,
    type,
    status,
    project_id: tx.actor.projectId,
    user_id: tx.actor.userId,
    request_id: tx.requestId,
    image_id: imageId,
    input,
    result,
    message,
    created_at: isoMillis(nowMs),
    updated_at: isoMillis(nowMs),
    expires_at: isOver ? isoMillis(nowMs + taskLifeMs) : null,
  }
  await taskRows.insert(tx.db, row)
  return row
}

/** The task goes on or ends; one that has ended stays so. */
export async function taskUpdate(
  ctx: Context,
  id: string,
  { status, message = '', result }: { status: 'processing' | 'success' | 'failure'; message?: string; result?: object },
): Promise<void> {
  const nowMs = ctx.clock.nowMs()
  const change = {
    status,
    message,
    updated_at: isoMillis(nowMs),
    ...defined({ result }),
    expires_at: status === 'processing' ? null : isoMillis(nowMs + taskLifeMs),
  }
  await ctx.transaction((tx) => taskChange(tx.db, id, change))
}

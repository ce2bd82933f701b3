// What befalls a saga on its way, as lines in its resource's timeline, beside those that the request itself left there:
// which step failed and is tried again, what it waits for, what made it turn back. How it ends, its domain says.
import type { Context } from '../context.ts'
import { eventAppend, eventOfRequest, type EventResult } from '../events.ts'
import type { Saga } from './definition.ts'
import type { ItemRow } from './items.ts'

/** One line, in the transaction that changes the item. */
export async function tell(tx: Context, saga: Saga<object>, item: ItemRow, line: { result: EventResult; message: string }): Promise<void> {
  const begun = await eventOfRequest(tx.db, item.resource_id, item.request_id)
  await eventAppend(tx, {
    resourceType: begun?.resource_type ?? 'work',
    resourceId: item.resource_id,
    projectId: begun?.project_id ?? item.project_id,
    action: begun?.action ?? saga.name,
    event: saga.steps[item.step]?.name ?? '',
    host: begun?.host ?? null,
    ...line,
  })
}

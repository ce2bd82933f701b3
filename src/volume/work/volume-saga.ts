// The sagas of this domain. Each says once what it works on and what its user asked for; from that come the lines that begin and
// end it on the timeline, the message that a failure leaves for its user (GET /messages), and its place among its host's work.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { eventAppend, type EventResult } from '../../platform/events.ts'
import { saga, type Saga, type Step, type WorkContext } from '../../platform/work/definition.ts'
import { failureRecord } from './failure-message.ts'

/** How much of it one host does at a time: copies gain nothing from being more at once, and a host that hangs must not hold all workers. */
const atOnce = 8

const ids = { volume: 'volumeId', snapshot: 'snapshotId', volume_group_snapshot: 'groupSnapshotId' } as const

/** What every saga's data says of its subject. */
interface Subject {
  volumeId?: string
  snapshotId?: string
  groupSnapshotId?: string
  projectId: string
  host?: string | null
}

interface Definition<Data> {
  name: string
  /** ten minutes where it says nothing */
  deadlineMs?: number
  /** where its data does not say so as `host` */
  hostOf?(data: Data): string | null
  steps: Step<Data>[]
  /** whose timeline tells of it */
  of: keyof typeof ids
  /** what its user asked for */
  action: string
  /** what messages call the action, where they call it otherwise */
  message?(data: Data): string
  /** what the lines of the timeline say beside the host */
  details?(data: Data): unknown
  /** Writes the rows of what went well, in the commit of the last step. */
  done?(tx: Context, data: Data, change: { updated_at: string }): Promise<unknown>
  /** Writes the rows of what failed. */
  failed?(tx: Context, data: Data, change: { reason: string; updated_at: string }): Promise<unknown>
}

export interface VolumeSaga<Data extends object> extends Saga<Data> {
  /** Queues it, in the transaction that accepts it. */
  begin(tx: Context, data: Data): Promise<void>
  /** What the commit of its last step does; for another saga that has it as a part, as the next. */
  done(tx: Context, data: Data): Promise<void>
  fail(tx: Context, data: Data, reason: string): Promise<void>
}

export function volumeSaga<Data extends Subject>(definition: Definition<Data>): VolumeSaga<Data> {
  const { of, action, message, details, steps, deadlineMs = 600_000 } = definition
  const hostOf = definition.hostOf ?? ((data: Data) => data.host ?? null)
  const now = (tx: Context) => isoMillis(tx.clock.nowMs())
  const about = (data: Data) => ({
    resourceType: of,
    resourceId: data[ids[of]] ?? '',
    projectId: data.projectId,
    action,
    host: hostOf(data) || null,
    details: details?.(data),
  })
  const line = (tx: Context, data: Data, result: EventResult) => eventAppend(tx, { ...about(data), result })
  const done = async (tx: Context, data: Data) => {
    await definition.done?.(tx, data, { updated_at: now(tx) })
    await line(tx, data, 'success')
  }
  const fail = async (tx: Context, data: Data, reason: string) => {
    await definition.failed?.(tx, data, { reason, updated_at: now(tx) })
    await failureRecord(tx, { ...about(data), message: message?.(data) ?? action, reason })
  }
  const last = steps.length - 1
  const ended = async (step: Step<Data>, work: WorkContext, data: Data) => {
    await step.commit?.(work, data)
    await done(work.ctx, data)
  }
  const made = saga<Data>({
    name: definition.name,
    deadlineMs,
    limit: (_ctx, data) => (hostOf(data) ? { key: `volumes/${hostOf(data)}`, max: atOnce } : null),
    steps: steps.map((step, index) => (index === last ? { ...step, commit: (work, data) => ended(step, work, data) } : step)),
    failed: ({ ctx }, data, reason) => fail(ctx, data, reason),
  })
  const begin = async (tx: Context, data: Data) => {
    await tx.work.enqueue(tx, made, data, { resourceId: about(data).resourceId })
    await line(tx, data, 'start')
  }
  return { ...made, begin, done, fail }
}

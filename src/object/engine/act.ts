// One act of a user: a write whose counters, quotas and lines in the timeline come with it in the same transaction.
import { isoMillis } from '../../platform/clock.ts'
import { lineAdd } from '../../platform/events/buffer.ts'
import type { Db } from '../../platform/store/store.ts'
import type { Body } from '../blobs/index.ts'
import { ObjectRefusal } from '../refusal.ts'
import { accountRows } from '../store/accounts.ts'
import { projectOf } from '../store/called.ts'
import { countsWrite, type Counts } from './counts.ts'
import type { By, Engine } from './engine.ts'

export interface Act {
  engine: Engine
  db: Db
  by: By
  /** when it happens: later than all that happened before */
  nowUs: number
  /** what it adds to counters, by container */
  counts: Counts
  /** quotas of accounts do not hold for who sets them */
  quotaExempt: boolean
  /** what S3's governance mode locks may go */
  bypassGovernance: boolean
}

export interface ActOptions {
  by: By
  quotaExempt?: boolean | undefined
  bypassGovernance?: boolean | undefined
  /** what its rows will name */
  bodies?: readonly Body[] | undefined
}

/**
 * `work` may run again in another transaction: it only touches rows. Bodies whose rows were refused are discarded; after a commit of
 * which nobody knows whether it took place they are left to the sweep.
 */
export async function act<T>(engine: Engine, options: ActOptions, work: (act: Act) => Promise<T>): Promise<T> {
  const { by, quotaExempt = false, bypassGovernance = false, bodies = [] } = options
  let isWritten = false
  try {
    return await engine.write(async (db) => {
      isWritten = false
      const made: Act = { engine, db, by, nowUs: engine.nowUs(), counts: new Map(), quotaExempt, bypassGovernance }
      const result = await work(made)
      await countsWrite(made)
      isWritten = true
      return result
    })
  } catch (error) {
    if (!isWritten) for (const body of bodies) await engine.blobs.discard(body)
    throw error
  }
}

/** The account, made by the first write into it. */
export async function accountEnsure({ db, nowUs }: Act, account: string): Promise<void> {
  const known = await accountRows.find(db, account)
  if (known?.deleted_us) throw new ObjectRefusal('account-deleted', { account })
  if (known) return
  await accountRows.insertMissing(db, {
    account,
    created_us: nowUs,
    metadata: {},
    settings: {},
    container_count: 0,
    object_count: 0,
    bytes_used: 0,
    version_count: 0,
    version_bytes: 0,
    part_bytes: 0,
    deleted_us: null,
  })
}

interface Change {
  type: 'account' | 'container' | 'object'
  account: string
  container?: string
  object?: string
  action: string
  details?: Record<string, unknown>
}

/** Its line in the timeline. */
export function told({ db, by, engine }: Act, { type, account, container, object, action, details }: Change): void {
  lineAdd(db, {
    at: isoMillis(engine.platform.clock.nowMs()),
    resource_type: type,
    resource_id: [account, container, object].filter((part) => part !== undefined).join('/'),
    project_id: projectOf(account),
    user_id: by.userId,
    request_id: by.requestId,
    action,
    event: '',
    result: 'success',
    message: null,
    host: null,
    details: details === undefined ? null : JSON.stringify(details),
    facts: null,
  })
}

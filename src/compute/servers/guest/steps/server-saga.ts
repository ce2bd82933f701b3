// A saga of one server. It waits for the server's other sagas, and its end, good or bad, is written in one place: the
// server's row and the line in its timeline, in the saga's last commit.
import { isoMillis } from '../../../../platform/clock.ts'
import type { Context } from '../../../../platform/context.ts'
import { defined } from '../../../../platform/defined.ts'
import { assert } from '../../../../platform/errors.ts'
import { saga, type Saga, type WorkContext } from '../../../../platform/work/definition.ts'
import { serverEvent } from '../../servers.ts'
import { faultOf } from '../../faults.ts'
import { serverChange, serverFetch, type ServerChange } from '../../store/servers.ts'
import { serverOfWork } from './apply.ts'

/** Of the server's row, beside what every end changes; nothing: the state is what it was before. */
type Change = ServerChange | void

export interface ServerSaga<Data extends { serverId: string }> extends Omit<Saga<Data>, 'kind' | 'failed' | 'abandoned'> {
  /** the action that ends with it, by its name in the timeline */
  action: string | ((data: Data) => string)
  /** It changes nothing of the server's state, beside whatever else goes on: its end is a line in the timeline. The server may be gone. */
  leavesState?: true
  /** of the line that says it went well */
  message?: string
  /** Other rows, and what the server's row says when all went well; null: the action goes on, in other work. */
  done?(work: WorkContext, data: Data): Change | null | Promise<Change | null>
  /** The same when all was undone; the observer corrects the power. */
  failed?(work: WorkContext, data: Data, reason: string): Change | Promise<Change>
  /** The same when the undo was abandoned; left out: as when all was undone. */
  abandoned?(work: WorkContext, data: Data, reason: string): Change | Promise<Change>
  /** What its user reads as the reason of the failure, where there is more to say than its cause. */
  reasonOf?(data: Data, cause: string): string
}

export function serverSaga<Data extends { serverId: string }>(definition: ServerSaga<Data>): Saga<Data> {
  const { action, leavesState = false, message, done, failed, abandoned, reasonOf, steps, ...rest } = definition
  const end = (work: WorkContext, data: Data, ending: Omit<Ending, 'action' | 'leavesState'>) =>
    write(work.ctx, data.serverId, { action: typeof action === 'string' ? action : action(data), leavesState, ...ending })
  const last = steps.at(-1)
  assert(last, `the saga ${definition.name} has no steps`)
  const commit = async (work: WorkContext, data: Data) => {
    await last.commit?.(work, data)
    const change = await done?.(work, data)
    if (change !== null) await end(work, data, defined({ change: change ?? undefined, message }))
  }
  return saga<Data>({
    limit: (_ctx, { serverId }) => ({ key: `server/${serverId}`, max: 1 }),
    ...rest,
    steps: [...steps.slice(0, -1), { ...last, commit }],
    async failed(work, data, cause) {
      const change = (await failed?.(work, data, cause)) ?? {}
      await end(work, data, { change, reason: reasonOf?.(data, cause) ?? cause })
    },
    ...(abandoned && {
      async abandoned(work: WorkContext, data: Data, reason: string) {
        const change = (await abandoned(work, data, reason)) ?? {}
        await end(work, data, { change, reason })
      },
    }),
  })
}

interface Ending {
  action: string
  leavesState: boolean
  change?: ServerChange
  /** why it failed: the fault that its user reads */
  reason?: string
  message?: string
}

async function write(ctx: Context, serverId: string, { action, leavesState, change, reason, message }: Ending): Promise<void> {
  const isFailure = reason !== undefined
  const server = leavesState || isFailure ? await serverFetch(ctx.db, serverId) : await serverOfWork(ctx, serverId)
  if (!server) return
  if (!leavesState) {
    const fault = isFailure ? { fault: await faultOf(ctx, reason) } : {}
    await serverChange(ctx.db, serverId, { task_state: null, progress: 0, updated_at: isoMillis(ctx.clock.nowMs()), ...fault, ...change })
  }
  const told = isFailure ? server : { ...server, ...change }
  await serverEvent(ctx, told, { action, result: isFailure ? 'error' : 'success', message: reason ?? message })
}

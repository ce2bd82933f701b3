// The end of every saga of a server, well or badly: rows and timeline, in the saga's last commit.
import { isoMillis } from '../../../../platform/clock.ts'
import type { WorkContext } from '../../../../platform/work/definition.ts'
import { serverEvent } from '../../servers.ts'
import { faultOf } from '../../faults.ts'
import { serverChange, type ServerChange } from '../../store/servers.ts'
import { serverOfWork } from './apply.ts'

/** All went well: nothing is under way any more, and the timeline says so. */
export async function settle(
  work: WorkContext,
  serverId: string,
  { action, change }: { action: string; change?: ServerChange },
): Promise<void> {
  const { ctx } = work
  const server = await serverOfWork(ctx, serverId)
  await serverChange(ctx.db, serverId, { task_state: null, progress: 0, updated_at: isoMillis(ctx.clock.nowMs()), ...change })
  await serverEvent(ctx, { ...server, ...change }, { action, result: 'success' })
}

export interface Failure {
  action: string
  reason: string
  change?: ServerChange
}

/**
 * It did not go well: the fault is kept for the user to read. `change` says what state is left: by default what was
 * before, since everything was taken back; the observer corrects the power.
 */
export async function settleFailed(work: WorkContext, serverId: string, failure: Failure): Promise<void> {
  const { ctx } = work
  const server = await serverOfWork(ctx, serverId)
  await serverChange(ctx.db, serverId, {
    task_state: null,
    progress: 0,
    updated_at: isoMillis(ctx.clock.nowMs()),
    fault: await faultOf(ctx, failure.reason),
    ...failure.change,
  })
  await serverEvent(ctx, server, { action: failure.action, result: 'error', message: failure.reason })
}

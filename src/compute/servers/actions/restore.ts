// Deleting is for good here (Nova's reclaim_instance_interval 0), so there is never anything to restore.
import type { Context } from '../../../platform/context.ts'
import { serverActions } from '../states.ts'
import { assertAllowed, invalidState, serverGet } from '../servers.ts'

/** Always refused with the state that the server is in. */
export async function serverRestore(ctx: Context, id: string): Promise<void> {
  const server = await serverGet(ctx, id)
  assertAllowed(ctx, serverActions.restore, server)
  throw invalidState('restore', id, { attribute: 'vm_state', state: server.vm_state })
}

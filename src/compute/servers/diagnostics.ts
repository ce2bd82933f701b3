// What a running guest uses, asked of its host.
import type { GuestDiagnostics } from '../../contract/guests.ts'
import { HostError } from '../../contract/call.ts'
import type { Context } from '../../platform/context.ts'
import { conflict } from '../../platform/errors.ts'
import { invalidState, serverGet } from './servers.ts'
import type { ServerRow } from './store/servers.ts'

export async function serverDiagnostics(ctx: Context, id: string): Promise<{ server: ServerRow; diagnostics: GuestDiagnostics }> {
  const server = await serverGet(ctx, id)
  if (server.host === null) throw conflict(`Instance ${id} is not ready`)
  try {
    return { server, diagnostics: await ctx.hosts.get(server.host).guests.diagnostics(id) }
  } catch (error) {
    if (error instanceof HostError && (error.code === 'conflict' || error.code === 'not_found'))
      throw invalidState('get_diagnostics', id, { attribute: 'power state', state: String(server.power_state) })
    throw error
  }
}

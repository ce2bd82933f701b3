// What a server's fault says to whom: its user reads why, and nothing of hosts and of the filters that choose among them; an admin
// reads all of it in the details, as do `stackling why` and the timeline.
import { isoMillis } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { noHostText } from '../scheduling/scheduler.ts'
import { nodesList } from '../hosts/store.ts'
import type { Fault } from './store/servers.ts'

const longest = 255

/** The fault as the server's row keeps it. */
export async function faultOf(ctx: Context, reason: string, code = 500): Promise<Fault> {
  const nodes = await nodesList(ctx.db)
  const names = new Set([...ctx.hosts.names(), ...nodes.map(({ host }) => host)])
  return {
    code,
    message: withoutHosts(reason, names).slice(0, longest),
    created: isoMillis(ctx.clock.nowMs()),
    details: reason,
  }
}

/** The reason as a user may read it. */
export function withoutHosts(reason: string, names: ReadonlySet<string>): string {
  if (reason.startsWith(noHostText)) return noHostText
  const words = reason.split(/([\w.-]*\w)/).map((word) => (names.has(word) ? 'a host' : word))
  return words
    .join('')
    .replace(/\b(?:the )?(?:host )?a host(?:, a host)+/g, 'several hosts')
    .replace(/\b(?:the )?host a host/gi, 'a host')
}

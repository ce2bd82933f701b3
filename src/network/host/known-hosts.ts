// Which names are those of hosts: one that is connected, or was so once and has its agents since. A port can be bound to any
// name; to one that no host has its binding fails, as Neutron says, and nothing waits for it.
import type { Context } from '../../platform/context.ts'
import { agentRows } from '../agents/store.ts'

/** Of these names, those that no host ever had. Asks the store only about names that are not connected. */
export async function hostsUnknown(ctx: Context, names: string[]): Promise<Set<string>> {
  const absent = names.filter((name) => name !== '' && !ctx.hosts.find(name))
  if (absent.length === 0) return new Set()
  const known = new Set((await agentRows.list(ctx.db, { host: absent })).map(({ host }) => host))
  return new Set(absent.filter((name) => !known.has(name)))
}

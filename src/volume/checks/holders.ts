// Which guests have a volume, asked of every connected host: before a connection is taken away, none may.
import type { Context } from '../../platform/context.ts'
import { PermanentError } from '../../platform/work/definition.ts'

/** Throws when a guest anywhere has the volume, or when a host does not say. */
export async function refuseHeld(ctx: Context, volumeId: string): Promise<void> {
  for (const name of ctx.hosts.names()) {
    const guests = await ctx.hosts.get(name).guests.list()
    const holder = guests.find(({ made }) => made?.volumeIds.includes(volumeId))
    if (holder) throw new PermanentError(`the guest of the server ${holder.id} on ${name} still has the volume`)
  }
}

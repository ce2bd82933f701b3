// What a new cloud has from the start: flavors as DevStack makes them, and a nano one for the small guest image.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { flavors, flavorsPage } from './flavors/store.ts'

const firstFlavors: [id: string, name: string, ramMib: number, rootGib: number, vcpus: number][] = [
  ['1', 'm1.tiny', 512, 1, 1],
  ['2', 'm1.small', 2048, 20, 1],
  ['3', 'm1.medium', 4096, 40, 2],
  ['4', 'm1.large', 8192, 80, 4],
  ['5', 'm1.xlarge', 16384, 160, 8],
  ['42', 'm1.nano', 128, 1, 1],
  ['84', 'm1.micro', 192, 1, 1],
]

/** Makes the flavors of a cloud that has none; an operator's later choice is never undone. */
export async function computeBootstrap(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    const known = await flavorsPage(tx.db, { seen: { kind: 'all' }, sorts: [{ column: 'id', direction: 'asc' }], limit: 1 })
    if (known.length > 0) return
    const created_at = isoMillis(tx.clock.nowMs())
    for (const [id, name, memory_mb, root_gb, vcpus] of firstFlavors) {
      await flavors.insert(tx.db, {
        id,
        name,
        memory_mb,
        root_gb,
        vcpus,
        created_at,
        description: null,
        ephemeral_gb: 0,
        swap: 0,
        rxtx_factor: 1,
        is_public: true,
        disabled: false,
        extra_specs: {},
        updated_at: null,
      })
    }
  })
}

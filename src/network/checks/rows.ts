// Rows of the network that contradict each other. What the database's own foreign keys forbid is not asked again.
import type { Context } from '../../platform/context.ts'
import type { Check, Finding, Repair } from '../../platform/fsck/check.ts'
import { portDelete } from '../ports/ports.ts'
import { addressPortsDangling, floatingIpsDangling, gatewaysDangling } from '../store/checks.ts'
import { floatingIpRows } from '../floating-ips/store.ts'
import { routerRows } from '../routers/store.ts'
import { wakeHosts } from '../host/wake.ts'

export const networkRowsCheck: Check = { name: 'network-rows', invariant: 3, find }

const most = 1000

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for (const { id, fixed_port_id } of await floatingIpsDangling(ctx.db, most)) {
    const message =
      fixed_port_id === null ? 'it leads to a port that is gone' : `it leads to an address that the port ${fixed_port_id} does not have`
    yield {
      resourceType: 'floatingip',
      resourceId: id,
      ...(fixed_port_id === null ? {} : { concerns: [fixed_port_id] }),
      message,
      repair: dissociateRepair(id),
    }
  }
  for (const { id } of await addressPortsDangling(ctx.db, most)) {
    yield { resourceType: 'port', resourceId: id, message: 'it holds the address of a floating IP that is gone', repair: portRepair(id) }
  }
  for (const { id } of await gatewaysDangling(ctx.db, most)) {
    yield { resourceType: 'router', resourceId: id, message: 'its gateway is only half there: set the external gateway again' }
  }
}

const dissociateRepair = (id: string): Repair => ({
  words: 'let it lead nowhere',
  async run({ ctx }) {
    await ctx.transaction(async (tx) => {
      const row = await floatingIpRows.fetch(tx.db, id)
      if (!row) return
      await floatingIpRows.change(tx, id, { fixed_port_id: null, fixed_ip_address: null, router_id: null, status: 'DOWN' })
      if (row.router_id !== null)
        await wakeHosts(
          tx,
          (await routerRows.many(tx.db, [row.router_id])).map(({ host }) => host),
        )
    })
  },
})

const portRepair = (id: string): Repair => ({
  words: 'delete the port',
  run: ({ ctx }) => ctx.transaction((tx) => portDelete(tx, id)),
})

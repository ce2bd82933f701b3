// What people call things, beside their ids: a resource, who asked, whose it is. Read by what the domains
// declare of their tables; nobody's permission is asked, since only operators look here.
import type { Domain } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'
import { nameRead, resourcesOf } from '../../platform/events/fold-rows.ts'

/** Names by id; what is gone, or never had one, is not in it. */
export type Names = Map<string, string>

export interface Named {
  type: string
  id: string | null
}

export async function namesOf(ctx: Context, products: Domain[], wanted: Named[]): Promise<Names> {
  const names: Names = new Map()
  const known = products.flatMap(({ facts }) => resourcesOf(facts))
  for (const { type, id } of wanted) {
    if (id === null || names.has(id)) continue
    const resource = known.find((one) => one.type === type && one.own)
    const name = (resource && (await nameRead(ctx.db, resource, id))) ?? ''
    if (name !== '') names.set(id, name)
  }
  return names
}

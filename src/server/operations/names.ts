// What people call things, beside their ids: a resource, who asked, whose it is. Asked of the domains; nobody's
// permission is asked, since only operators look here.
import type { Domain } from '../../platform/api/operation.ts'
import type { Context } from '../../platform/context.ts'

/** Names by id; what is gone, or never had one, is not in it. */
export type Names = Map<string, string>

export interface Named {
  type: string
  id: string | null
}

export async function namesOf(ctx: Context, products: Domain[], wanted: Named[]): Promise<Names> {
  const names: Names = new Map()
  for (const { type, id } of wanted) {
    if (id === null || names.has(id)) continue
    for (const { resourceName } of products) {
      const name = (await resourceName?.(ctx, type, id)) ?? ''
      if (name !== '') names.set(id, name)
    }
  }
  return names
}

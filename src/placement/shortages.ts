// Why providers have no room for a request: what each lacks, in numbers. Asked when nobody had it, for the one who wonders why.
import type { Context } from '../platform/context.ts'
import { capacityOf, fits, fitsUnits } from './capacity.ts'
import type { CandidateRequest } from './candidates.ts'
import { inventoryUsages, type InventoryUsage } from './store/inventories.ts'
import { traitsByProvider } from './store/traits.ts'

/** What each provider lacks, by its id, in words; a provider that lacks nothing is not in it. */
export async function shortagesOf(ctx: Context, request: CandidateRequest & { providerIds: string[] }): Promise<Map<string, string[]>> {
  const classes = Object.keys(request.resources)
  const rows = await inventoryUsages(ctx.db, { resourceClasses: classes, providerIds: request.providerIds })
  const traits = await traitsByProvider(ctx.db, request.providerIds)
  const found = new Map<string, string[]>()
  for (const id of request.providerIds) {
    const lacks = classes.flatMap((name) =>
      shortage(
        name,
        request.resources[name] ?? 0,
        rows.find((row) => row.provider_id === id && row.resource_class === name),
      ),
    )
    const held = traits.get(id) ?? []
    for (const trait of request.requiredTraits ?? []) if (!held.includes(trait)) lacks.push(`the trait ${trait} is required and not there`)
    for (const trait of request.forbiddenTraits ?? []) if (held.includes(trait)) lacks.push(`the trait ${trait} is forbidden and there`)
    if (lacks.length > 0) found.set(id, lacks)
  }
  return found
}

function shortage(name: string, wanted: number, inventory: InventoryUsage | undefined): string[] {
  if (!inventory) return [`${name}: ${wanted} wanted, there is none`]
  if (fits(inventory, wanted)) return []
  const { total, reserved, used, allocation_ratio: ratio } = inventory
  const whole = `${total}${reserved > 0 ? ` less ${reserved} reserved` : ''}${ratio === 1 ? '' : `, counted ${ratio} times`}`
  const units = fitsUnits(inventory, wanted)
    ? ''
    : `; at most ${inventory.max_unit} at once, at least ${inventory.min_unit}, in steps of ${inventory.step_size}`
  return [`${name}: ${wanted} wanted, ${Math.max(0, Math.floor(capacityOf(inventory)) - used)} free (${used} used of ${whole})${units}`]
}

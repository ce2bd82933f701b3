// What a server asks of placement: resources from its flavor, traits from flavor and image. Pure.
import type { ScheduleRequest } from './scheduler.ts'

export interface Wanted {
  resources: Record<string, number>
  requiredTraits: string[]
  forbiddenTraits: string[]
}

/** The flavor's sizes, changed by `resources:…`; `trait:… = required | forbidden` of flavor and image. */
export function wantedOf({ flavor, image, bootFromVolume }: Pick<ScheduleRequest, 'flavor' | 'image' | 'bootFromVolume'>): Wanted {
  const resources: Record<string, number> = {
    VCPU: flavor.vcpus,
    MEMORY_MB: flavor.ramMib,
    DISK_GB: (bootFromVolume ? 0 : flavor.rootGib) + flavor.ephemeralGib + Math.ceil(flavor.swapMib / 1024),
  }
  const wanted: Wanted = { resources, requiredTraits: [], forbiddenTraits: [] }
  for (const [key, value] of Object.entries(flavor.extraSpecs)) {
    if (key.startsWith('resources:') && /^\d+$/.test(value)) resources[key.slice('resources:'.length)] = Number(value)
  }
  for (const [key, value] of [...Object.entries(flavor.extraSpecs), ...Object.entries(image?.properties ?? {})]) {
    if (!key.startsWith('trait:')) continue
    const trait = key.slice('trait:'.length)
    if (value === 'required') wanted.requiredTraits.push(trait)
    if (value === 'forbidden') wanted.forbiddenTraits.push(trait)
  }
  for (const [name, amount] of Object.entries(resources)) if (amount <= 0) delete resources[name]
  return wanted
}

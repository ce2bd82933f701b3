// What a server asks of placement: resources from its flavor, traits from flavor and image. Pure.
import { lenientBoolean } from '../../platform/api/words.ts'
import { table } from '../../platform/table.ts'
import { maskedCpus } from '../servers/guest/cpu-set.ts'
import type { ScheduleRequest } from './scheduler.ts'

export interface Wanted {
  resources: Record<string, number>
  requiredTraits: string[]
  forbiddenTraits: string[]
}

/** What must be had whole or not at all: CPUs of one's own, encrypted or persistent memory, a TPM. A host without it is no candidate. */
function guarantees({ resources, requiredTraits }: Wanted, { flavor, image }: Pick<ScheduleRequest, 'flavor' | 'image'>): void {
  const asked = (key: string) => flavor.extraSpecs[`hw:${key}`] ?? image?.properties[`hw_${key}`]
  const policy = asked('cpu_policy')
  const mask = flavor.extraSpecs[policy === 'mixed' ? 'hw:cpu_dedicated_mask' : ''] ?? asked('cpu_realtime_mask')
  const pinned = policy === 'dedicated' ? flavor.vcpus : policy === 'mixed' && mask !== undefined ? maskedCpus(flavor.vcpus, mask).size : 0
  if (pinned > 0) {
    resources['PCPU'] = pinned
    resources['VCPU'] = flavor.vcpus - pinned
  }
  if (lenientBoolean(asked('mem_encryption'))) resources['MEM_ENCRYPTION_CONTEXT'] = 1
  for (const label of (flavor.extraSpecs['hw:pmem'] ?? '').split(',')) {
    const name = `CUSTOM_PMEM_NAMESPACE_${label.trim()}`
    if (label.trim() !== '') resources[name] = (resources[name] ?? 0) + 1
  }
  const version = asked('tpm_version')
  if (version !== undefined) requiredTraits.push(`COMPUTE_SECURITY_TPM_${version.replace('.', '_')}`)
}

/** The flavor's sizes, changed by `resources:…`; `trait:… = required | forbidden` of flavor and image. */
export function wantedOf({ flavor, image, bootFromVolume }: Pick<ScheduleRequest, 'flavor' | 'image' | 'bootFromVolume'>): Wanted {
  const resources: Record<string, number> = table({
    VCPU: flavor.vcpus,
    MEMORY_MB: flavor.ramMib,
    DISK_GB: (bootFromVolume ? 0 : flavor.rootGib) + flavor.ephemeralGib + Math.ceil(flavor.swapMib / 1024),
  })
  const wanted: Wanted = { resources, requiredTraits: [], forbiddenTraits: [] }
  for (const [key, value] of Object.entries(flavor.extraSpecs)) {
    if (key.startsWith('resources:') && /^\d+$/.test(value)) resources[key.slice('resources:'.length)] = Number(value)
  }
  guarantees(wanted, { flavor, image })
  for (const [key, value] of [...Object.entries(flavor.extraSpecs), ...Object.entries(image?.properties ?? {})]) {
    if (!key.startsWith('trait:')) continue
    const trait = key.slice('trait:'.length)
    if (value === 'required') wanted.requiredTraits.push(trait)
    if (value === 'forbidden') wanted.forbiddenTraits.push(trait)
  }
  for (const [name, amount] of Object.entries(resources)) if (amount <= 0) delete resources[name]
  return wanted
}

// What a flavor's extra specs may say, checked since 2.86: names and values of the namespaces that Nova knows; other
// namespaces, and names without one, are the operator's own. Facts from openstack/nova nova/api/validation/extra_specs
// (mid 2026); the patterns are written so that no text makes them slow.
import { wordsOf } from '../../platform/words-of.ts'
import { standardResourceClasses, standardTraits } from '../../placement/index.ts'
import { readBoolean } from '../../platform/api/words.ts'
import { badRequest } from '../../platform/errors.ts'

/** What is wrong with a value, or null. */
type ValueCheck = (value: string) => string | null

const anything: ValueCheck = () => null
const boolean: ValueCheck = (value) => (readBoolean(value) === null ? `'${value}' is not a valid boolean-like value.` : null)

const oneOf =
  (...words: string[]): ValueCheck =>
  (value) =>
    words.includes(value) ? null : `'${value}' is not one of: ${words.join(', ')}.`

const like =
  (pattern: RegExp): ValueCheck =>
  (value) =>
    pattern.test(value) ? null : `'${value}' is not of the format '${pattern.source.slice(1, -1)}'.`

const integer =
  ({ min = -Infinity, max = Infinity } = {}): ValueCheck =>
  (value) => {
    if (!/^\s*[+-]?\d+\s*$/.test(value)) return `'${value}' is not a valid integer value.`
    if (Number(value) > max) return `'${value}' is greater than the max value of '${max}'.`
    return Number(value) < min ? `'${value}' is less than the min value of '${min}'.` : null
  }

const cpuMask = like(/^\^?\d+(-\d+|,\^?\d+)*$/)
const atLeast0 = integer({ min: 0 })
const atLeast1 = integer({ min: 1 })
const required = oneOf('required', 'forbidden')

const fixed = new Map<string, ValueCheck>([
  ['accel:device_profile', anything],
  ['hide_hypervisor_id', boolean],
  ['group_policy', oneOf('isolate', 'none')],
  ['os:secure_boot', oneOf('disabled', 'required')],
  ['pci_passthrough:alias', like(/^[^:]+:\d+(\s*,\s*[^:]+:\d+)*$/)],
  ['vmware:hw_version', anything],
  ['vmware:storage_policy', anything],
  ['hw_video:ram_max_mb', atLeast0],
  ['hw_rng:allowed', boolean],
  ['hw_rng:rate_bytes', atLeast0],
  ['hw_rng:rate_period', atLeast0],
  ['hw:cpu_realtime', boolean],
  ['hw:cpu_realtime_mask', cpuMask],
  ['hw:hide_hypervisor_id', boolean],
  ['hw:cpu_policy', oneOf('dedicated', 'shared', 'mixed')],
  ['hw:cpu_thread_policy', oneOf('prefer', 'isolate', 'require')],
  ['hw:emulator_threads_policy', oneOf('isolate', 'share')],
  ['hw:cpu_dedicated_mask', cpuMask],
  ['hw:mem_page_size', like(/^(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)$/)],
  ['hw:locked_memory', boolean],
  ['hw:numa_nodes', atLeast1],
  ['hw:pci_numa_affinity_policy', oneOf('required', 'preferred', 'legacy', 'socket')],
  ['hw:cpu_sockets', atLeast1],
  ['hw:cpu_cores', atLeast1],
  ['hw:cpu_threads', atLeast1],
  ['hw:cpu_max_sockets', atLeast1],
  ['hw:cpu_max_cores', atLeast1],
  ['hw:cpu_max_threads', atLeast1],
  ['hw:boot_menu', boolean],
  ['hw:vif_multiqueue_enabled', boolean],
  ['hw:mem_encryption', boolean],
  ['hw:mem_encryption_model', oneOf('amd-sev', 'amd-sev-es', 'amd-sev-snp')],
  ['hw:pmem', like(/^[a-zA-Z0-9_]+(,[a-zA-Z0-9_]+)*,?$/)],
  ['hw:pmu', boolean],
  ['hw:serial_port_count', atLeast0],
  ['hw:tpm_model', oneOf('tpm-tis', 'tpm-crb')],
  ['hw:tpm_version', oneOf('1.2', '2.0')],
  ['hw:tpm_secret_security', oneOf('user', 'host', 'deployment')],
  ['hw:watchdog_action', oneOf('none', 'pause', 'poweroff', 'reset', 'disabled')],
  ['hw:viommu_model', oneOf('intel', 'smmuv3', 'virtio', 'auto')],
  ['hw:virtio_packed_ring', boolean],
  ['hw:sound_model', oneOf('sb16', 'es1370', 'pcspk', 'ac97', 'ich6', 'ich9', 'usb', 'virtio')],
  ['hw:usb_model', oneOf('none', 'nec-xhci', 'qemu-xhci')],
  ['hw:redirected_usb_ports', integer({ min: 0, max: 15 })],
  ['hw:ephemeral_encryption', boolean],
  ['hw:ephemeral_encryption_format', oneOf('plain', 'luks', 'luksv2')],
  ['quota:cpu_shares', atLeast0],
  ['quota:cpu_period', atLeast0],
  ['quota:cpu_quota', integer()],
])
for (const key of ['cpu', 'memory', 'disk_io', 'vif']) {
  fixed.set(`quota:${key}_limit`, atLeast0).set(`quota:${key}_reservation`, integer())
  fixed.set(`quota:${key}_shares_level`, oneOf('custom', 'high', 'normal', 'low')).set(`quota:${key}_shares_share`, atLeast0)
}
for (const way of ['read', 'write', 'total']) for (const what of ['bytes', 'iops']) fixed.set(`quota:disk_${way}_${what}_sec`, atLeast0)
for (const way of ['inbound', 'outbound']) for (const what of ['average', 'peak', 'burst']) fixed.set(`quota:vif_${way}_${what}`, atLeast0)
for (const name of wordsOf(`
  id uuid service_id host vcpus memory_mb local_gb vcpus_used memory_mb_used local_gb_used hypervisor_type hypervisor_version
  hypervisor_hostname free_ram_mb free_disk_gb current_workload running_vms disk_available_least host_ip mapped
  cpu_allocation_ratio ram_allocation_ratio disk_allocation_ratio total_usable_ram_mb total_usable_disk_gb disk_mb_used
  free_disk_mb vcpus_total num_instances num_io_ops failed_builds aggregates cell_uuid updated
`))
  fixed.set(`capabilities:${name}`, anything)

const resourceClasses = new Set(standardResourceClasses)
const traits = new Set(standardTraits)

/** names with a part of the user's own */
const named: { name: RegExp; known?: (rest: string) => boolean; value: ValueCheck }[] = [
  { name: /^aggregate_instance_extra_specs:.+$/, value: anything },
  { name: /^hw:numa_cpus\.\d+$/, value: cpuMask },
  { name: /^hw:numa_mem\.\d+$/, value: atLeast1 },
  {
    name: /^capabilities:(cpu_info|metrics|stats|numa_topology|supported_hv_specs|pci_device_pools|nodename|pci_stats|supported_instances|limits|instances)(:\w+)*$/,
    value: anything,
  },
  {
    name: /^resources(?:[a-zA-Z0-9_-]{1,64})?:(\w+)$/,
    known: (name) => resourceClasses.has(name) || /^CUSTOM_[A-Z0-9_]+$/.test(name),
    value: integer(),
  },
  { name: /^trait(?:[a-zA-Z0-9_-]{1,64})?:(\w+)$/, known: (name) => traits.has(name) || /^CUSTOM_[A-Z0-9_]+$/.test(name), value: required },
]
const namespace =
  /^(accel|aggregate_instance_extra_specs|capabilities|hw|hw_rng|hw_video|os|pci_passthrough|quota|resources([a-zA-Z0-9_-]{1,64})?|trait([a-zA-Z0-9_-]{1,64})?|vmware)$/

function checkOf(name: string): ValueCheck | undefined {
  const known = fixed.get(name)
  if (known) return known
  return named.find((one) => {
    const match = one.name.exec(name)
    return match !== null && (one.known?.(match[1] ?? '') ?? true)
  })?.value
}

/** Refuses with 400 a name that is none of its namespace's, and a value that the name may not have. */
export function assertExtraSpecs(specs: Record<string, string>): void {
  for (const [name, value] of Object.entries(specs)) {
    const check = checkOf(name)
    if (!check) {
      if (!name.includes(':') || !namespace.test(name.slice(0, name.indexOf(':')))) continue
      throw badRequest(`Validation failed; extra spec '${name}' does not appear to be a valid extra spec.`)
    }
    const fault = check(value)
    if (fault !== null) throw badRequest(`Validation failed; ${fault}`)
  }
}

// The image's architecture, hypervisor type and machine mode must be what the host can run.
import type { Filter } from './filter.ts'
import { table } from '../../../platform/table.ts'

const aliases: Record<string, string> = table({ i386: 'i686', i486: 'i686', i586: 'i686', amd64: 'x86_64', arm64: 'aarch64' })
const canonical = (arch: string): string => aliases[arch.toLowerCase()] ?? arch.toLowerCase()
/** what else a host of this architecture runs */
const alsoRuns: Record<string, string[]> = table({ x86_64: ['i686'] })

export const imagePropertiesFilter: Filter = {
  name: 'ImagePropertiesFilter',
  passes(host, { request }) {
    const properties = request.image?.properties
    if (!properties) return true
    const arch = properties['hw_architecture'] ?? properties['architecture']
    if (arch !== undefined && canonical(arch) !== host.arch && !alsoRuns[host.arch]?.includes(canonical(arch))) return false
    if (host.capabilities.anyImageType) return true
    const hypervisor = properties['img_hv_type'] ?? properties['hypervisor_type']
    if (hypervisor !== undefined && !['qemu', 'kvm'].includes(hypervisor.toLowerCase())) return false
    const mode = properties['hw_vm_mode'] ?? properties['vm_mode']
    return mode === undefined || ['hvm', 'hv'].includes(mode.toLowerCase())
  },
}

// Extra specs `capabilities:…` are held against what the host reports of itself.
import { satisfies } from './extra-specs.ts'
import type { HostState } from '../host-state.ts'
import type { Filter } from './filter.ts'

const scope = 'capabilities:'

const capabilities = (host: HostState): Record<string, string> => ({
  hypervisor_type: host.hypervisorType,
  hypervisor_version: String(host.hypervisorVersion),
  hypervisor_hostname: host.hostname,
  arch: host.arch,
  'cpu_info:arch': host.arch,
})

export const computeCapabilitiesFilter: Filter = {
  name: 'ComputeCapabilitiesFilter',
  passes(host, { request }) {
    const asked = Object.entries(request.flavor.extraSpecs).filter(([key]) => key.startsWith(scope))
    if (asked.length === 0) return true
    const own = capabilities(host)
    return asked.every(([key, requirement]) => {
      const value = own[key.slice(scope.length)]
      return value !== undefined && satisfies(value, requirement)
    })
  },
}

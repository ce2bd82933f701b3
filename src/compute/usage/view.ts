// ProjectUsage → os-simple-tenant-usage.
import { isoMillis } from '../../platform/clock.ts'
import type { ProjectUsage, ServerUsage, Span } from './usage.ts'
import { naiveOrNull } from '../views/times.ts'

const serverView = ({ server, flavor, hours, uptimeSeconds }: ServerUsage) => ({
  hours,
  flavor: flavor.name,
  instance_id: server.id,
  name: server.name,
  tenant_id: server.project_id,
  memory_mb: flavor.ramMib,
  local_gb: flavor.rootGib + flavor.ephemeralGib,
  vcpus: flavor.vcpus,
  started_at: naiveOrNull(server.launched_at === null ? null : isoMillis(Date.parse(server.launched_at))),
  ended_at: naiveOrNull(server.terminated_at === null ? null : isoMillis(Date.parse(server.terminated_at))),
  state: server.terminated_at === null ? server.vm_state : 'terminated',
  uptime: uptimeSeconds,
})

export function usageView({ projectId, servers }: ProjectUsage, span: Span, detailed: boolean) {
  const sum = (of: (usage: ServerUsage) => number) => servers.reduce((total, usage) => total + of(usage) * usage.hours, 0)
  return {
    tenant_id: projectId,
    ...(detailed ? { server_usages: servers.map(serverView) } : {}),
    total_local_gb_usage: sum(({ flavor }) => flavor.rootGib + flavor.ephemeralGib),
    total_vcpus_usage: sum(({ flavor }) => flavor.vcpus),
    total_memory_mb_usage: sum(({ flavor }) => flavor.ramMib),
    total_hours: sum(() => 1),
    start: span.start,
    stop: span.stop,
  }
}

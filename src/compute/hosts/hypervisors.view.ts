// Hypervisor → what the API shows: uuid since 2.53, cpu_info an object since 2.28, sizes until 2.87, uptime since 2.88.
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import { reservedRamMib } from './hosts.ts'
import { uptimeText, type Hypervisor } from './hypervisors.ts'

/** What its servers leave of a node. */
function sizes({ inventory, use, diskGib }: Hypervisor) {
  const ramUsed = use.ramMib + reservedRamMib(inventory.ramMib)
  const diskUsed = diskGib + inventory.diskReservedGib
  return {
    vcpus: inventory.vcpus,
    memory_mb: inventory.ramMib,
    local_gb: inventory.diskGib,
    vcpus_used: use.vcpus,
    memory_mb_used: ramUsed,
    local_gb_used: diskUsed,
    free_ram_mb: inventory.ramMib - ramUsed,
    free_disk_gb: inventory.diskGib - diskUsed,
    current_workload: use.workload,
    running_vms: use.running,
    // what can be written now, less what running disks were promised and have not taken
    disk_available_least: Math.min(inventory.diskFreeGib, inventory.diskGib - diskUsed),
  }
}

export const hypervisorBrief = (ctx: Context, { node, service, alive }: Hypervisor) => ({
  id: ctx.microversion.atLeast('2.53') ? node.id : node.number,
  hypervisor_hostname: node.hostname,
  state: alive ? 'up' : 'down',
  status: service.disabled ? 'disabled' : 'enabled',
})

function cpuInfo({ inventory: { cpuInfo: info } }: Hypervisor) {
  return { arch: info.arch, model: info.model, vendor: info.vendor, features: info.features, topology: info.topology }
}

function detail(ctx: Context, hypervisor: Hypervisor) {
  const { node, service, inventory } = hypervisor
  const withSizes = !ctx.microversion.atLeast('2.88')
  const info = cpuInfo(hypervisor)
  return {
    ...hypervisorBrief(ctx, hypervisor),
    hypervisor_type: inventory.hypervisorType,
    hypervisor_version: inventory.hypervisorVersion,
    host_ip: inventory.hostIp,
    service: {
      id: ctx.microversion.atLeast('2.53') ? service.id : service.number,
      host: node.host,
      disabled_reason: service.disabled_reason,
    },
    ...(withSizes
      ? { ...sizes(hypervisor), cpu_info: ctx.microversion.atLeast('2.28') ? info : JSON.stringify(info) }
      : { uptime: uptimeText(ctx, hypervisor) }),
  }
}

/** Before 2.75 a node without servers shows none of the word. */
function servers(ctx: Context, hypervisor: Hypervisor) {
  if (!hypervisor.servers || (hypervisor.servers.length === 0 && !ctx.microversion.atLeast('2.75'))) return {}
  return { servers: hypervisor.servers.map(({ id, name }) => ({ name, uuid: id })) }
}

export const hypervisorListView = (ctx: Context, hypervisors: Hypervisor[], withDetail: boolean) => ({
  hypervisors: hypervisors.map((hypervisor) => ({
    ...(withDetail ? detail(ctx, hypervisor) : hypervisorBrief(ctx, hypervisor)),
    ...servers(ctx, hypervisor),
  })),
})

export const hypervisorView = (ctx: Context, hypervisor: Hypervisor) => ({
  hypervisor: { ...detail(ctx, hypervisor), ...servers(ctx, hypervisor) },
})

export const hypervisorUptimeView = (ctx: Context, hypervisor: Hypervisor) => ({
  hypervisor: { ...hypervisorBrief(ctx, hypervisor), uptime: uptimeText(ctx, hypervisor) },
})

/** Sums over the nodes whose service is enabled. */
export function hypervisorStatisticsView(hypervisors: Hypervisor[]) {
  const counted = hypervisors.filter(({ service }) => !service.disabled)
  const sum: Record<string, number> = table({ count: counted.length })
  const none = {
    vcpus: 0,
    memory_mb: 0,
    local_gb: 0,
    vcpus_used: 0,
    memory_mb_used: 0,
    local_gb_used: 0,
    free_ram_mb: 0,
    free_disk_gb: 0,
    current_workload: 0,
    running_vms: 0,
    disk_available_least: 0,
  }
  for (const values of [none, ...counted.map(sizes)])
    for (const [name, value] of Object.entries(values)) sum[name] = (sum[name] ?? 0) + value
  return { hypervisor_statistics: sum }
}

/** os-hosts: the total, what is used, and what the servers' flavors add up to. */
export function hostShowView({ node, inventory, use, diskGib }: Hypervisor) {
  const line = (project: string, cpu: number, memory: number, disk: number) => ({
    resource: { host: node.host, project, cpu, memory_mb: memory, disk_gb: disk },
  })
  return {
    host: [
      line('(total)', inventory.vcpus, inventory.ramMib, inventory.diskGib),
      line('(used_now)', use.vcpus, use.ramMib + reservedRamMib(inventory.ramMib), diskGib),
      line('(used_max)', use.vcpus, use.ramMib, diskGib),
    ],
  }
}

// SQL of floating IPs.
import { sql } from 'kysely'
import { standardColumns, standardFilters, type ListShape } from '../store/list.ts'
import { standardRows } from '../store/query.ts'

const text = (column: string, nullable = false) => ({ column, kind: 'text' as const, nullable })

export const floatingIpShape: ListShape = {
  table: 'floating_ips',
  visible: (projectId) => sql<boolean>`floating_ips.project_id = ${projectId}`,
  columns: {
    ...Object.fromEntries(Object.entries(standardColumns).filter(([name]) => name !== 'name')),
    floating_ip_address: text('floating_ip_address'),
    floating_network_id: text('floating_network_id'),
    router_id: text('router_id', true),
    port_id: text('fixed_port_id', true),
    fixed_ip_address: text('fixed_ip_address', true),
    status: text('status'),
    dns_name: text('dns_name'),
    dns_domain: text('dns_domain'),
  },
  special: standardFilters('floating_ips'),
}

export const floatingIpRows = standardRows('floating_ips')

// What operators may call this domain's resources by: `stackling why NAME`.
import { calledIn, type CalledIn } from '../../platform/store/called.ts'
import type { Db } from '../../platform/store/store.ts'

const tables: CalledIn[] = [
  { type: 'network', table: 'networks', name: 'name', project: 'project_id' },
  { type: 'subnet', table: 'subnets', name: 'name', project: 'project_id', by: ['cidr'] },
  { type: 'port', table: 'ports', name: 'name', project: 'project_id', by: ['mac_address'] },
  { type: 'port', table: 'ip_allocations', id: 'port_id', name: null, project: null, by: ['ip_address'] },
  { type: 'router', table: 'routers', name: 'name', project: 'project_id' },
  { type: 'floatingip', table: 'floating_ips', name: null, project: 'project_id', by: ['floating_ip_address'] },
  { type: 'security_group', table: 'security_groups', name: 'name', project: 'project_id' },
]

export const resourcesCalled = (db: Db, word: string) => calledIn(db, tables, word)

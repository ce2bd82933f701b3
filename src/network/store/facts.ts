// What the timeline is told of network's rows: never binding profiles.
import { defined } from '../../platform/defined.ts'
import type { FactsOf, TableFacts } from '../../platform/store/facts.ts'

/** A table of Neutron's standard attributes. */
const standard = (type: string, facts: string[], by?: string[]): TableFacts => ({
  type,
  project: 'project_id',
  facts: ['project_id', 'name', 'description', 'tags', 'created_at', ...facts],
  quiet: ['revision_number', 'updated_at'],
  ...defined({ by }),
})

export const facts: FactsOf = {
  networks: standard(
    'network',
    [
      'admin_state_up',
      'status',
      'mtu',
      'port_security_enabled',
      'external',
      'is_default',
      'network_type',
      'physical_network',
      'segmentation_id',
    ],
    [],
  ),
  subnets: standard(
    'subnet',
    ['network_id', 'ip_version', 'cidr', 'gateway_ip', 'enable_dhcp', 'subnetpool_id', 'allocation_pools'],
    ['cidr'],
  ),
  subnetpools: standard('subnetpool', ['prefixes', 'ip_version', 'default_prefixlen', 'address_scope_id', 'is_default']),
  address_scopes: standard('address_scope', ['ip_version']),
  address_groups: standard('address_group', ['addresses']),
  ports: standard(
    'port',
    [
      'network_id',
      'mac_address',
      'admin_state_up',
      'status',
      'device_id',
      'device_owner',
      'server_id',
      'server_state',
      'port_security_enabled',
      'binding_host',
      'binding_vnic_type',
      'dns_name',
    ],
    ['mac_address'],
  ),
  ip_allocations: {
    type: 'port',
    id: 'port_id',
    part: { name: 'fixed_ip', key: ['ip_address'] },
    by: ['ip_address'],
    facts: ['subnet_id'],
  },
  port_security_groups: { type: 'port', id: 'port_id', part: { name: 'security_group', key: ['security_group_id'] }, facts: [] },
  security_groups: standard('security_group', ['stateful', 'is_default'], []),
  security_group_rules: standard('security_group_rule', [
    'security_group_id',
    'direction',
    'ethertype',
    'protocol',
    'port_range_min',
    'port_range_max',
    'remote_ip_prefix',
    'remote_group_id',
    'remote_address_group_id',
  ]),
  rbac_policies: { type: 'rbac_policy', project: 'project_id', facts: ['object_type', 'object_id', 'action', 'target_project'] },
  routers: standard('router', ['admin_state_up', 'status', 'gateway_port_id', 'gateway_network_id', 'enable_snat', 'routes', 'host'], []),
  router_ports: { type: 'router', id: 'router_id', part: { name: 'port', key: ['port_id'] }, facts: ['kind'] },
  floating_ips: {
    ...standard('floatingip', [
      'floating_network_id',
      'floating_ip_address',
      'fixed_port_id',
      'fixed_ip_address',
      'router_id',
      'status',
      'dns_name',
      'dns_domain',
    ]),
    called: 'floating_ip_address',
    by: [],
  },
  network_agents: {
    type: 'agent',
    facts: ['host', 'agent_type', 'admin_state_up', 'description'],
    quiet: ['configurations', 'started_at', 'heartbeat_at'],
  },
  auto_allocated_topologies: {
    type: 'auto_allocated_topology',
    id: 'project_id',
    project: 'project_id',
    facts: ['network_id', 'router_id'],
  },
}

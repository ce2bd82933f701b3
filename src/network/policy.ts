// Neutron's policy as data: its rule names, with the defaults of its current personas (admin, member, reader).
import type { Rules, RuleScopes } from '../platform/api/policy.ts'

const admin = 'rule:admin_only'
const member = 'rule:admin_only or (role:member and project_id:%(project_id)s)'
const reader = 'rule:admin_only or (role:reader and project_id:%(project_id)s)'
const networkOwner = 'rule:admin_only or rule:service_api or (role:member and rule:network_owner)'
const adminOrService = 'rule:admin_only or rule:service_api'
const groupMember = 'rule:admin_only or (role:member and rule:sg_owner)'
const networkOwnerReader = 'role:reader and rule:network_owner'

/** The same rule for several names. */
const all = (rule: string, ...names: string[]): Rules => Object.fromEntries(names.map((name) => [name, rule]))

/** Rules that others name hold for any token: only what an operation asks has a scope. */
const helpers = [
  'context_is_advsvc',
  'network_owner',
  'ext_parent_owner',
  'sg_owner',
  'shared',
  'external',
  'external_network',
  'network_device',
  'admin_or_data_plane_int',
]

export const networkScopes: RuleScopes = { usual: ['project'], but: Object.fromEntries(helpers.map((name) => [name, null])) }

/** create, update, delete by members, get by readers, of the project that owns it. */
const owned = (name: string): Rules => ({
  ...all(member, `create_${name}`, `update_${name}`, `delete_${name}`),
  [`get_${name}`]: reader,
})

/** Tags of a resource: read as it is, changed as it is changed. */
const tagged = (
  name: string,
  { read = reader, change = member, remove = change }: { read?: string; change?: string; remove?: string } = {},
): Rules => ({
  [`create_${name}:tags`]: change,
  [`get_${name}:tags`]: read,
  [`update_${name}:tags`]: change,
  [`delete_${name}:tags`]: remove,
})

export const networkPolicy: Rules = {
  context_is_advsvc: 'role:advsvc',
  network_owner: 'project_id:%(network:project_id)s',
  ext_parent_owner: 'project_id:%(ext_parent:project_id)s',
  sg_owner: 'project_id:%(security_group:project_id)s',
  shared: 'field:networks:shared=True',
  external: 'field:networks:router:external=True',
  network_device: 'field:port:device_owner=~^network:',
  admin_or_data_plane_int: 'rule:context_is_admin or role:data_plane_integrator',

  ...owned('network'),
  get_network: `${reader} or rule:service_api or rule:shared or rule:external or rule:context_is_advsvc`,
  ...all(admin, 'create_network:shared', 'create_network:router:external', 'create_network:is_default', 'create_network:segments'),
  ...all(
    admin,
    'create_network:provider:network_type',
    'create_network:provider:physical_network',
    'create_network:provider:segmentation_id',
  ),
  ...all(
    admin,
    'get_network:segments',
    'get_network:provider:network_type',
    'get_network:provider:physical_network',
    'get_network:provider:segmentation_id',
  ),
  ...all(admin, 'update_network:shared', 'update_network:router:external', 'update_network:is_default', 'update_network:segments'),
  ...all(
    admin,
    'update_network:provider:network_type',
    'update_network:provider:physical_network',
    'update_network:provider:segmentation_id',
  ),
  ...all(member, 'create_network:port_security_enabled', 'update_network:port_security_enabled'),
  get_network_ip_availability: adminOrService,

  create_subnet: 'rule:admin_only or (role:member and rule:network_owner)',
  ...all(`${member} or (role:member and rule:network_owner)`, 'update_subnet', 'delete_subnet'),
  external_network: 'field:subnets:router:external=True',
  get_subnet: `${reader} or rule:shared or rule:external_network or (${networkOwnerReader}) or rule:service_api`,
  ...all(
    admin,
    'create_subnet:segment_id',
    'create_subnet:service_types',
    'get_subnet:segment_id',
    'update_subnet:segment_id',
    'update_subnet:service_types',
  ),

  create_port: `${networkOwner} or rule:shared`,
  ...all(`${member} or rule:service_api`, 'update_port', 'create_port:device_id', 'update_port:device_id'),
  delete_port: `${member} or rule:service_api or (role:member and rule:network_owner)`,
  get_port: `${reader} or rule:service_api or (${networkOwnerReader})`,
  ...all(`not rule:network_device or ${networkOwner}`, 'create_port:device_owner', 'update_port:device_owner'),
  'create_port:mac_address': networkOwner,
  'update_port:mac_address': `${adminOrService} or (role:manager and rule:network_owner)`,
  ...all(`${networkOwner} or rule:shared`, 'create_port:fixed_ips', 'create_port:fixed_ips:subnet_id', 'update_port:fixed_ips:subnet_id'),
  ...all(networkOwner, 'create_port:fixed_ips:ip_address', 'update_port:fixed_ips', 'update_port:fixed_ips:ip_address'),
  ...all(networkOwner, 'create_port:port_security_enabled', 'update_port:port_security_enabled'),
  ...all(adminOrService, 'create_port:binding:host_id', 'update_port:binding:host_id'),
  ...all('rule:service_api', 'create_port:binding:profile', 'update_port:binding:profile'),
  ...all(`${member} or rule:service_api`, 'create_port:binding:vnic_type', 'update_port:binding:vnic_type'),
  ...all(networkOwner, 'create_port:allowed_address_pairs', 'update_port:allowed_address_pairs'),
  ...all(networkOwner, 'create_port:allowed_address_pairs:mac_address', 'create_port:allowed_address_pairs:ip_address'),
  ...all(networkOwner, 'update_port:allowed_address_pairs:mac_address', 'update_port:allowed_address_pairs:ip_address'),
  ...all(
    adminOrService,
    'get_port:binding:vif_type',
    'get_port:binding:vif_details',
    'get_port:binding:host_id',
    'get_port:binding:profile',
  ),
  'get_port:resource_request': admin,

  ...owned('security_group'),
  get_security_group: `${reader} or field:security_groups:shared=True`,
  ...all(groupMember, 'create_security_group_rule', 'delete_security_group_rule'),
  get_security_group_rule: 'rule:admin_only or (role:reader and rule:sg_owner)',

  ...owned('router'),
  ...all(
    admin,
    'create_router:distributed',
    'create_router:ha',
    'get_router:distributed',
    'get_router:ha',
    'update_router:distributed',
    'update_router:ha',
  ),
  ...all(member, 'create_router:external_gateway_info', 'create_router:external_gateway_info:network_id'),
  ...all(member, 'update_router:external_gateway_info', 'update_router:external_gateway_info:network_id'),
  ...all(admin, 'create_router:external_gateway_info:enable_snat', 'create_router:external_gateway_info:external_fixed_ips'),
  ...all(admin, 'update_router:external_gateway_info:enable_snat', 'update_router:external_gateway_info:external_fixed_ips'),
  ...all(member, 'add_router_interface', 'remove_router_interface', 'add_extraroutes', 'remove_extraroutes'),

  ...owned('floatingip'),
  'create_floatingip:floating_ip_address': 'rule:admin_only or (role:manager and project_id:%(project_id)s)',
  get_floatingip_pool: reader,
  ...all(
    'rule:admin_only or (role:member and rule:ext_parent_owner)',
    'create_floatingip_port_forwarding',
    'update_floatingip_port_forwarding',
    'delete_floatingip_port_forwarding',
  ),
  get_floatingip_port_forwarding: 'rule:admin_only or (role:reader and rule:ext_parent_owner)',

  ...owned('subnetpool'),
  get_subnetpool: `${reader} or field:subnetpools:shared=True`,
  ...all(admin, 'create_subnetpool:shared', 'create_subnetpool:is_default', 'update_subnetpool:is_default'),
  ...all(member, 'onboard_network_subnets', 'add_prefixes', 'remove_prefixes'),
  ...owned('address_scope'),
  get_address_scope: `${reader} or field:address_scopes:shared=True`,
  ...all(admin, 'create_address_scope:shared', 'update_address_scope:shared'),
  ...owned('address_group'),
  ...all(member, 'add_addresses', 'remove_addresses'),
  get_address_group: `${reader} or field:address_groups:shared=True`,

  ...owned('rbac_policy'),
  ...all(
    'rule:admin_only or (not field:rbac_policy:target_tenant=* and not field:rbac_policy:target_project=*)',
    'create_rbac_policy:target_tenant',
    'update_rbac_policy:target_tenant',
  ),

  ...all(
    admin,
    'get_agent',
    'update_agent',
    'delete_agent',
    'create_dhcp-network',
    'get_dhcp-networks',
    'delete_dhcp-network',
    'get_dhcp-agents',
  ),
  ...all(admin, 'create_l3-router', 'get_l3-routers', 'delete_l3-router', 'get_l3-agents'),
  ...all(admin, 'create_segment', 'get_segment', 'update_segment', 'delete_segment', 'update_quota', 'delete_quota'),
  get_quota: 'rule:admin_only or (role:manager and project_id:%(project_id)s)',
  get_own_quota: '@',
  get_availability_zone: 'role:reader',
  get_service_provider: 'role:reader',
  get_extension: '@',
  get_flavor: 'role:reader',
  get_auto_allocated_topology: reader,
  delete_auto_allocated_topology: member,
  // a resource without a rule of its own is denied (attack-25)
  ...tagged('network', { read: `${reader} or rule:shared or rule:external or rule:context_is_advsvc` }),
  ...tagged('subnet', {
    read: `${reader} or rule:shared or rule:external_network or (${networkOwnerReader})`,
    change: `${member} or (role:member and rule:network_owner)`,
  }),
  ...tagged('port', {
    read: `${reader} or rule:context_is_advsvc or (${networkOwnerReader})`,
    change: `${member} or rule:context_is_advsvc`,
    remove: `${member} or rule:context_is_advsvc or (role:member and rule:network_owner)`,
  }),
  ...tagged('router'),
  ...tagged('floatingip'),
  ...tagged('security_group', { read: `${reader} or field:security_groups:shared=True` }),
  ...tagged('subnetpool', { read: `${reader} or field:subnetpools:shared=True` }),
}

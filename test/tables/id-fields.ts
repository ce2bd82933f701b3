// Which kind of thing the id in a path or in a body's field names, by the names that the APIs give them: what the
// cross-project matrix knows, as data. A parameter or field that looks like an id stands here, or among the exceptions with a reason.
import type { Kind } from './estate.ts'

/** the segment before a path's parameter, by service type */
export const pathKinds: Record<string, Record<string, Kind>> = {
  compute: {
    servers: 'server', 'os-interface': 'serverPort', 'os-volume_attachments': 'attachedVolume', 'os-instance-actions': 'serverRequest', 'os-keypairs': 'keypair', flavors: 'flavor',
    'os-server-groups': 'serverGroup', 'os-quota-sets': 'project', 'os-simple-tenant-usage': 'project', 'os-security-groups': 'securityGroup', 'os-security-group-rules': 'securityGroupRule',
    'os-networks': 'network', 'os-tenant-networks': 'network', 'os-floating-ips': 'floatingIp', 'os-volumes': 'volume', 'os-snapshots': 'snapshot',
  },
  'block-storage': {
    volumes: 'volume', snapshots: 'snapshot', attachments: 'attachment', types: 'volumeType', 'os-volume-transfer': 'transfer', 'volume-transfers': 'transfer', groups: 'volumeGroup',
    group_snapshots: 'groupSnapshot', 'os-quota-sets': 'project', 'default-types': 'project',
  },
  network: {
    networks: 'network', subnets: 'subnet', ports: 'port', routers: 'router', 'security-groups': 'securityGroup', 'security-group-rules': 'securityGroupRule', floatingips: 'floatingIp',
    subnetpools: 'subnetpool', 'address-scopes': 'addressScope', 'address-groups': 'addressGroup', 'rbac-policies': 'rbacPolicy', 'network-ip-availabilities': 'network', quotas: 'project',
    'auto-allocated-topology': 'project', 'l3-routers': 'router', 'dhcp-networks': 'network',
  },
  image: { images: 'image', namespaces: 'namespace' },
  placement: { allocations: 'server' },
  stackling: { why: 'server' },
}

const admins = 'it is the cloud’s own, for its admins'
const names = 'a name or a key, inside of what the path names before it'
const words = 'words of the API'
const gone = 'the API is gone: 404 or 410 for everybody'

/** parameters without a kind, as service type, segment and why */
export const pathExceptions: Record<string, Record<string, string>> = {
  identity: { '*': 'whose rows are whose is a matter of users, domains and real tokens there: test/personas and the attacks on identity' },
  compute: {
    extensions: words, ips: names, 'os-extra_specs': names, metadata: names, tags: names, shares: 'no share can be had', 'os-console-auth-tokens': 'the token is the right', 'os-aggregates': admins, 'os-services': admins,
    'os-hypervisors': admins, 'os-quota-class-sets': admins, 'os-hosts': admins, 'os-agents': admins, 'os-instance_usage_audit_log': admins, 'os-migrations': admins, migrations: admins, 'os-cells': gone,
    'os-certificates': gone, 'os-fixed-ips': gone, 'os-floating-ip-dns': gone, entries: gone, 'os-floating-ips-bulk': gone, 'os-fping': gone, 'os-security-group-default-rules': gone,
    consoles: gone, 'os-baremetal-nodes': gone, 'os-snapshot-schedules': gone, topology: names, diagnostics: names, 'remote-consoles': names, os: names, images: 'Glance’s own ids; see image', 'os-assisted-volume-snapshots': 'for block storage alone',
  },
  'block-storage': {
    metadata: names, extra_specs: names, encryption: names, group_specs: names, group_types: 'public here, as they are made', 'qos-specs': admins, 'os-quota-class-sets': admins, 'os-hosts': admins,
    'os-services': admins, capabilities: admins, backups: 'there is no backup service', messages: 'made by failures only; no other project’s are listed, see volumes.test.ts', clusters: admins, extensions: words,
    manageable_volumes: admins, manageable_snapshots: admins, 'scheduler-stats': admins, consistencygroups: gone, cgsnapshots: gone,
  },
  network: {
    tags: names, agents: admins, extensions: words, 'l3-agents': admins, 'dhcp-agents': admins, flavors: 'there are none', 'service-profiles': 'there are none',
    default_security_group_rules: admins, 'default-security-group-rules': admins,
  },
  image: { tags: names, objects: names, properties: names, resource_types: names, members: 'a project, which the owner names', tasks: admins, stores: admins, ':store': admins, locations: names, cached_images: admins, cache: admins },
  placement: { resource_providers: admins, inventories: admins, traits: admins, resource_classes: admins },
  stackling: { work: admins },
}

/** a body's field by its last name, and by 'container.name' where the same name means several things */
export const fieldKinds: Record<string, Kind | Kind[]> = {
  volume_id: 'volume', volumeId: 'volume', volume_uuid: 'volume', source_volid: 'volume', snapshot_id: 'snapshot', 'block_device_mapping_v2.uuid': ['volume', 'snapshot', 'image'],
  imageRef: 'image', image_id: 'image', rescue_image_ref: 'image', flavorRef: 'flavor', key_name: 'keypair', 'os:scheduler_hints.group': 'serverGroup', 'OS-SCH-HNT:scheduler_hints.group': 'serverGroup',
  'networks.uuid': 'network', 'networks.port': 'port', net_id: 'network', networkId: 'network', network_id: 'network', floating_network_id: 'network', port_id: 'port', subnet_id: 'subnet', subnetpool_id: 'subnetpool',
  address_scope_id: 'addressScope', security_group_id: 'securityGroup', remote_group_id: 'securityGroup', remote_address_group_id: 'addressGroup', router_id: 'router',
  object_id: ['network', 'securityGroup', 'subnetpool', 'addressScope', 'addressGroup'], group_id: 'volumeGroup', source_group_id: 'volumeGroup', group_snapshot_id: 'groupSnapshot', add_volumes: 'volume',
  volume_type: 'volumeType', volume_types: 'volumeType', new_type: 'volumeType', serverId: 'server', attachment_id: 'attachment', 'addSecurityGroup.name': 'securityGroup', 'removeSecurityGroup.name': 'securityGroup',
  'security_groups.name': 'securityGroup', 
}

/** fields that look like ids and have no kind */
export const fieldExceptions: Record<string, string> = {
  project_id: 'whose it becomes: asked of the policy, see the role matrix', tenant_id: 'as project_id', project: 'whom the owner lets in', tenant: 'whom the owner lets in', target_tenant: 'whom the owner lets in',
  target_project: 'whom the owner lets in', user_id: 'whose it is: asked of the policy', domain_id: 'identity', default_project_id: 'identity', parent_id: 'identity', parent_region_id: 'identity', region_id: 'identity',
  service_id: 'identity', explicit_domain_id: 'identity', trustee_user_id: 'identity', trustor_user_id: 'identity', id: 'of what is made, or of what the path names', uuid: 'of what is made',
  parent_provider_uuid: admins, consumer_uuid: admins, qos_policy_id: 'there are none', flavor_id: 'there are no router flavors', segment_id: 'there are none', backup_id: 'there is no backup service',
  consistencygroup_id: gone, backend_id: admins, instance_uuid: 'a client’s own note: nothing is looked up by it', server_uuid: 'events of Neutron and Cinder, for services', device_id: 'a note, refused for others’ routers',
  kernel_id: 'a property: no guest is booted from it', ramdisk_id: 'as kernel_id', cinder_encryption_key_id: 'a property: there are no keys', share_id: 'no share can be had', same_host: 'a wish for the scheduler, as in Nova',
  different_host: 'as same_host', remove_volumes: 'must be in the group that the path names', user_data: 'no id', resource_id: 'identity', reservation_id: 'no id', os_hash_algo: 'no id', attach_status: 'no id', segmentation_id: 'no id',
  'provider:segmentation_id': 'a number of the wire', 'binding:host_id': admins, return_reservation_id: 'a yes or no', consumer_type: 'no id', source_id: 'no id', hypervisor_hostname: admins, service_uuid: admins, target_id: 'no id', policy_id: 'identity', destination_project_id: 'whom the owner lets in', default_volume_type: admins,
}

/** does a field's name promise an id? */
export const looksLikeId = (name: string): boolean => /(_id|_ids|_uuid|Id|Ref|_ref|^uuid|^id)$/.test(name)

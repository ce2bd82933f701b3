// What tenants do with networks, ports, floating IPs and security groups.
import { deleteAny, type Operation } from './operation.ts'
import { chance, whole } from './random.ts'

const neutron = '/network/v2.0'

const createPort: Operation = async ({ client, ledger, random, tenant, name, base }) => {
  const own = chance(random, 0.2) ? ledger.any(random, tenant, 'network') : undefined
  const answer = await client.call('POST', `${neutron}/ports`, { port: { name, network_id: own?.id ?? base.networks[tenant] } })
  if (answer.status === 201) ledger.add({ kind: 'port', id: answer.body.port.id, tenant, name })
}

const createFloatingIp: Operation = async ({ client, ledger, random, tenant, base }) => {
  const port = chance(random, 0.7) ? ledger.any(random, tenant, 'port') : undefined
  const answer = await client.call('POST', `${neutron}/floatingips`, {
    floatingip: { floating_network_id: base.externalNetworkId, ...(port ? { port_id: port.id } : {}) },
  })
  if (answer.status === 201) ledger.add({ kind: 'floatingip', id: answer.body.floatingip.id, tenant, name: null })
}

const moveFloatingIp: Operation = async ({ client, ledger, random, tenant }) => {
  const floatingIp = ledger.any(random, tenant, 'floatingip')
  if (!floatingIp) return
  const port = chance(random, 0.7) ? ledger.any(random, tenant, 'port') : undefined
  await client.call('PUT', `${neutron}/floatingips/${floatingIp.id}`, { floatingip: { port_id: port?.id ?? null } })
}

const createNetwork: Operation = async ({ client, ledger, random, tenant, name }) => {
  const answer = await client.call('POST', `${neutron}/networks`, { network: { name } })
  if (answer.status !== 201) return
  const network_id = answer.body.network.id as string
  ledger.add({ kind: 'network', id: network_id, tenant, name })
  await client.call('POST', `${neutron}/subnets`, {
    subnet: { network_id, ip_version: 4, cidr: `10.${whole(random, 200)}.${whole(random, 200)}.0/24` },
  })
}

const createSecurityGroup: Operation = async ({ client, ledger, tenant, name }) => {
  const answer = await client.call('POST', `${neutron}/security-groups`, { security_group: { name } })
  if (answer.status !== 201) return
  const security_group_id = answer.body.security_group.id as string
  ledger.add({ kind: 'security_group', id: security_group_id, tenant, name })
  await client.call('POST', `${neutron}/security-group-rules`, {
    security_group_rule: { security_group_id, direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 },
  })
}

export const networks = {
  'create port': createPort,
  'delete port': (asking) => deleteAny(asking, 'port', `${neutron}/ports`),
  'create floating IP': createFloatingIp,
  'move floating IP': moveFloatingIp,
  'delete floating IP': (asking) => deleteAny(asking, 'floatingip', `${neutron}/floatingips`),
  'create network': createNetwork,
  'delete network': (asking) => deleteAny(asking, 'network', `${neutron}/networks`),
  'create security group': createSecurityGroup,
  'delete security group': (asking) => deleteAny(asking, 'security_group', `${neutron}/security-groups`),
} satisfies Record<string, Operation>

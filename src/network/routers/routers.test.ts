import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startNetworkApi, type NetworkApi } from '../../../test/support/network-api.ts'

let api: NetworkApi
let externalId: string
before(async () => {
  api = await startNetworkApi()
  const external = await api.make(
    '/networks',
    'network',
    { name: 'public', 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'public' },
    'admin@p0',
  )
  externalId = external.id
  await api.make('/subnets', 'subnet', { network_id: externalId, ip_version: 4, cidr: '172.24.4.0/24', enable_dhcp: false }, 'admin@p0')
})
after(() => api.stop())
const refused = async (status: number, type: string, answer: Promise<{ status: number; body: any }>) => {
  const { status: got, body } = await answer
  assert.deepEqual([got, body?.NeutronError?.type], [status, type], JSON.stringify(body))
  return body.NeutronError.message as string
}
const inner = async (cidr: string, as = 'member@p1') => {
  const network = await api.make('/networks', 'network', {}, as)
  return { network, subnet: await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr }, as) }
}
const added = async (routerId: string, wish: Record<string, unknown>, as = 'member@p1') => {
  const answer = await api.ask('PUT', `/routers/${routerId}/add_router_interface`, wish, as)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

test('a router with a gateway, an interface and a floating IP, and all of it away again', async () => {
  const { network, subnet } = await inner('10.40.0.0/24')
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: externalId } })
  assert.match(router.external_gateway_info.external_fixed_ips[0].ip_address, /^172\.24\.4\./)
  assert.equal(router.external_gateway_info.enable_snat, true)
  assert.equal('distributed' in router, false)
  const port = await added(router.id, { subnet_id: subnet.id })
  assert.deepEqual(port.subnet_ids, [subnet.id])
  const guest = await api.make('/ports', 'port', { network_id: network.id })
  const floating = await api.make('/floatingips', 'floatingip', { floating_network_id: externalId, port_id: guest.id })
  assert.deepEqual([floating.router_id, floating.fixed_ip_address], [router.id, guest.fixed_ips[0].ip_address])
  await api.until(`/floatingips/${floating.id}`, 'floatingip', (item) => item.status === 'ACTIVE')
  const spec = api.host.network.spec()?.routers.find(({ id }) => id === router.id)
  assert.deepEqual(spec?.floatingIps, [{ id: floating.id, floatingIp: floating.floating_ip_address, fixedIp: floating.fixed_ip_address }])
  assert.deepEqual(
    spec?.interfaces.map(({ addresses }) => addresses),
    [['10.40.0.1/24']],
  )
  assert.deepEqual(spec?.gateway?.gatewayIps, ['172.24.4.1'])
  assert.deepEqual(api.host.network.spec()?.networks.find(({ id }) => id === externalId)?.hostAddresses, ['172.24.4.1/24'])
  await api.until(`/ports/${port.port_id}`, 'port', (item) => item.status === 'ACTIVE')

  await refused(
    409,
    'RouterInterfaceInUseByFloatingIP',
    api.ask('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id }),
  )
  await refused(
    409,
    'RouterExternalGatewayInUseByFloatingIp',
    api.ask('PUT', `/routers/${router.id}`, { router: { external_gateway_info: {} } }),
  )
  await refused(409, 'RouterInUse', api.ask('DELETE', `/routers/${router.id}`))
  await refused(409, 'ServicePortInUse', api.ask('DELETE', `/ports/${port.port_id}`))
  await refused(409, 'SubnetInUse', api.ask('DELETE', `/subnets/${subnet.id}`))
  await refused(409, 'NetworkInUse', api.ask('DELETE', `/networks/${network.id}`))

  assert.equal((await api.ask('DELETE', `/ports/${guest.id}`)).status, 204)
  const loose = (await api.ask('GET', `/floatingips/${floating.id}`)).body.floatingip
  assert.deepEqual([loose.port_id, loose.fixed_ip_address, loose.router_id, loose.status], [null, null, null, 'DOWN'])
  assert.equal((await api.ask('DELETE', `/floatingips/${floating.id}`)).status, 204)
  assert.equal((await api.ask('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id })).status, 200)
  assert.equal((await api.ask('DELETE', `/routers/${router.id}`)).status, 204)
  assert.equal((await api.ask('DELETE', `/networks/${network.id}`)).status, 204)
  const left = await api.ask('GET', `/ports?network_id=${externalId}`, undefined, 'admin@p0')
  assert.deepEqual(left.body.ports, [])
})

test('interfaces: by port, no overlap, no second one, only where there is a gateway address', async () => {
  const { network, subnet } = await inner('10.41.0.0/24')
  const router = await api.make('/routers', 'router', {})
  await added(router.id, { subnet_id: subnet.id })
  assert.match(
    await refused(400, 'BadRequest', api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id })),
    /Router already has a port on subnet/,
  )
  const { subnet: wide } = await inner('10.41.0.0/16')
  assert.match(
    await refused(400, 'BadRequest', api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: wide.id })),
    /overlaps with cidr/,
  )
  const bare = await api.make('/subnets', 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.42.0.0/24', gateway_ip: null })
  await refused(400, 'BadRequest', api.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: bare.id }))
  await refused(400, 'BadRequest', api.ask('PUT', `/routers/${router.id}/add_router_interface`, {}))
  const port = await api.make('/ports', 'port', { network_id: network.id, fixed_ips: [{ subnet_id: bare.id }] })
  await added(router.id, { port_id: port.id })
  await refused(409, 'PortInUse', api.ask('PUT', `/routers/${router.id}/add_router_interface`, { port_id: port.id }))
  const listed = await api.ask('GET', `/ports?device_id=${router.id}&device_owner=network:router_interface`)
  assert.equal(listed.body.ports.length, 2)
  await refused(
    404,
    'RouterInterfaceNotFoundForSubnet',
    api.ask('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: wide.id }),
  )
  await refused(
    400,
    'SubnetMismatchForPort',
    api.ask('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id, port_id: port.id }),
  )
})

test('routes lead to next hops that the router reaches', async () => {
  const { subnet } = await inner('10.43.0.0/24')
  const router = await api.make('/routers', 'router', {})
  await added(router.id, { subnet_id: subnet.id })
  const set = (nexthop: string) =>
    api.ask('PUT', `/routers/${router.id}`, { router: { routes: [{ destination: '20.0.0.0/24', nexthop }] } })
  await refused(400, 'InvalidRoutes', set('99.0.0.1'))
  await refused(400, 'InvalidRoutes', set('10.43.0.1'))
  assert.deepEqual((await set('10.43.0.50')).body.router.routes, [{ destination: '20.0.0.0/24', nexthop: '10.43.0.50' }])
  await refused(
    409,
    'RouterInterfaceInUseByRoute',
    api.ask('PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id }),
  )
  const more = await api.ask('PUT', `/routers/${router.id}/add_extraroutes`, {
    router: { routes: [{ destination: '21.0.0.0/24', nexthop: '10.43.0.51' }] },
  })
  assert.equal(more.body.router.routes.length, 2)
  const fewer = await api.ask('PUT', `/routers/${router.id}/remove_extraroutes`, {
    router: { routes: [{ destination: '20.0.0.0/24', nexthop: '10.43.0.50' }] },
  })
  assert.deepEqual(
    fewer.body.router.routes.map((route: any) => route.destination),
    ['21.0.0.0/24'],
  )
})

test('gateways: only external networks, SNAT and addresses are the admin’s to choose', async () => {
  const { network } = await inner('10.44.0.0/24')
  await refused(400, 'BadRequest', api.ask('POST', '/routers', { router: { external_gateway_info: { network_id: network.id } } }))
  await refused(
    403,
    'PolicyNotAuthorized',
    api.ask('POST', '/routers', { router: { external_gateway_info: { network_id: externalId, enable_snat: false } } }),
  )
  await refused(403, 'PolicyNotAuthorized', api.ask('POST', '/routers', { router: { distributed: true } }))
  const info = { network_id: externalId, enable_snat: false, external_fixed_ips: [{ ip_address: '172.24.4.77' }] }
  const router = await api.make('/routers', 'router', { external_gateway_info: info }, 'admin@p1')
  assert.deepEqual(
    router.external_gateway_info.external_fixed_ips.map((ip: any) => ip.ip_address),
    ['172.24.4.77'],
  )
  assert.equal(router.external_gateway_info.enable_snat, false)
  await refused(409, 'IpAddressAlreadyAllocated', api.ask('POST', '/routers', { router: { external_gateway_info: info } }, 'admin@p1'))
  const again = await api.ask('PUT', `/routers/${router.id}`, { router: { external_gateway_info: { network_id: externalId } } }, 'admin@p1')
  assert.equal(again.body.router.external_gateway_info.enable_snat, true)
  const none = await api.ask('PUT', `/routers/${router.id}`, { router: { external_gateway_info: null } }, 'admin@p1')
  assert.equal(none.body.router.external_gateway_info, null)
  assert.equal((await api.ask('DELETE', `/routers/${router.id}`, undefined, 'admin@p1')).status, 204)
})

test('attack-26: no port gets into another project’s router, and no port of another project into one’s own', async () => {
  const { network } = await inner('10.45.0.0/24', 'member@p1')
  const router = await api.make('/routers', 'router', {}, 'member@p1')
  const { network: own } = await inner('10.46.0.0/24', 'member@thief')
  // says that it is an interface of the victim's router
  await refused(
    409,
    'DeviceIDNotOwnedByTenant',
    api.ask(
      'POST',
      '/ports',
      { port: { network_id: own.id, device_owner: 'network:router_interface', device_id: router.id } },
      'member@thief',
    ),
  )
  const port = await api.make('/ports', 'port', { network_id: own.id, device_id: router.id }, 'member@thief')
  await refused(
    409,
    'DeviceIDNotOwnedByTenant',
    api.ask('PUT', `/ports/${port.id}`, { port: { device_owner: 'network:router_interface' } }, 'member@thief'),
  )
  const spec = api.host.network.spec()?.routers.find(({ id }) => id === router.id)
  assert.deepEqual(spec?.interfaces ?? [], [])
  // plugs the victim's port or subnet into his own router
  const mine = await api.make('/routers', 'router', {}, 'member@thief')
  const victim = await api.make('/ports', 'port', { network_id: network.id }, 'member@p1')
  await refused(404, 'PortNotFound', api.ask('PUT', `/routers/${mine.id}/add_router_interface`, { port_id: victim.id }, 'member@thief'))
  await refused(
    404,
    'SubnetNotFound',
    api.ask('PUT', `/routers/${mine.id}/add_router_interface`, { subnet_id: victim.fixed_ips[0].subnet_id }, 'member@thief'),
  )
  await refused(404, 'RouterNotFound', api.ask('PUT', `/routers/${router.id}/add_router_interface`, { port_id: port.id }, 'member@thief'))
})

test('floating IPs: only where a router leads, one for each fixed address, not onto others’ ports', async () => {
  const { network } = await inner('10.47.0.0/24')
  const guest = await api.make('/ports', 'port', { network_id: network.id })
  await refused(
    404,
    'ExternalGatewayForFloatingIPNotFound',
    api.ask('POST', '/floatingips', { floatingip: { floating_network_id: externalId, port_id: guest.id } }),
  )
  await refused(400, 'BadRequest', api.ask('POST', '/floatingips', { floatingip: { floating_network_id: network.id } }))
  await refused(
    403,
    'PolicyNotAuthorized',
    api.ask('POST', '/floatingips', { floatingip: { floating_network_id: externalId, floating_ip_address: '172.24.4.200' } }),
  )
  const router = await api.make('/routers', 'router', { external_gateway_info: { network_id: externalId } })
  await added(router.id, { subnet_id: guest.fixed_ips[0].subnet_id })
  await api.make('/floatingips', 'floatingip', { floating_network_id: externalId, port_id: guest.id })
  await refused(
    409,
    'FloatingIPPortAlreadyAssociated',
    api.ask('POST', '/floatingips', { floatingip: { floating_network_id: externalId, port_id: guest.id } }),
  )
  const foreign = await api.make('/floatingips', 'floatingip', { floating_network_id: externalId }, 'member@p2')
  await refused(404, 'PortNotFound', api.ask('PUT', `/floatingips/${foreign.id}`, { floatingip: { port_id: guest.id } }, 'member@p2'))
  await refused(404, 'FloatingIPNotFound', api.ask('PUT', `/floatingips/${foreign.id}`, { floatingip: { port_id: null } }))
})

test('an external network goes with its loose floating IPs', async () => {
  const extra = await api.make('/networks', 'network', { 'router:external': true }, 'admin@p0')
  await api.make('/subnets', 'subnet', { network_id: extra.id, ip_version: 4, cidr: '172.25.0.0/24' }, 'admin@p0')
  const floating = await api.make('/floatingips', 'floatingip', { floating_network_id: extra.id })
  assert.equal((await api.ask('DELETE', `/networks/${extra.id}`, undefined, 'admin@p0')).status, 204)
  assert.equal((await api.ask('GET', `/floatingips/${floating.id}`)).status, 404)
})

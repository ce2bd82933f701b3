// The difference between wanted and real devices: closing before opening, ours only, and nothing when all is well.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bridgeMac, bridgeName, routerDevice, tapName } from '../names.ts'
import { idOf, macOf, network, port, router, routerPort, spec } from '../../../../test/support/network-lab/specs.ts'
import { type Link, type Links, parseLinks } from './links.ts'
import { planL2 } from './plan.ts'
import { planTunnels } from './tunnels.ts'
import { wantedLinks } from './wanted.ts'

const options = { bridgeMappings: { physnet: 'eth9' }, tunnelAddress: '192.0.2.1', vxlanPort: 4789 }
const alias = 'stackling:test'
const link = (name: string, more: Partial<Link> = {}): Link => ({
  name,
  mtuBytes: 1450,
  up: true,
  master: null,
  alias,
  mac: '',
  kind: '',
  addresses: [],
  ...more,
})
const linksOf = (...list: Link[]): Links => new Map(list.map((entry) => [entry.name, entry]))
const bridgeSettings = 'stp_state 0 forward_delay 0 mcast_snooping 0 nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 0'
const bridge = bridgeName(idOf('n1'))
const plan = (wanted: ReturnType<typeof spec>, links: Links, unclaimed: string[] = []) =>
  planL2({ wanted: wantedLinks(wanted, options), links, alias, unclaimed: new Set(unclaimed) })

const wanted = () =>
  spec({
    networks: [network('n1')],
    ports: [port('a', 'n1'), port('off', 'n1', { adminStateUp: false })],
    routers: [router('r', { interfaces: [routerPort('r1', 'n1', ['10.0.0.1/24'])] })],
  })

test('from nothing: bridge, router port, and a tap that is not there yet', () => {
  const peer = `peer name ${routerDevice(idOf('r1'))} address ${macOf('r1')} mtu 1450 netns qrouter-${idOf('r')}`
  const { closing, opening, owners, missing } = plan(wanted(), linksOf())
  assert.deepEqual(closing, [])
  assert.deepEqual(missing, [tapName(idOf('a'))])
  assert.equal(opening.length, owners.length)
  assert.deepEqual(opening, [
    `link add name ${bridge} address ${bridgeMac(idOf('n1'))} mtu 1450 type bridge ${bridgeSettings}`,
    `link set dev ${bridge} alias ${alias}`,
    `link set dev ${bridge} mtu 1450`,
    `link set dev ${bridge} arp off addrgenmode none up`,
    `link add name ${tapName(idOf('r1'))} mtu 1450 type veth ${peer}`,
    `link set dev ${tapName(idOf('r1'))} alias ${alias}`,
    `link set dev ${tapName(idOf('r1'))} mtu 1450 master ${bridge} addrgenmode none up`,
  ])
})

test('when all is well there is nothing to do', () => {
  const slaves = ['a', 'r1'].map((name) => link(tapName(idOf(name)), { master: bridge }))
  const off = link(tapName(idOf('off')), { up: false })
  assert.deepEqual(plan(wanted(), linksOf(link(bridge), ...slaves, off)), { closing: [], opening: [], owners: [], missing: [] })
})

test('what is ours and not named goes; what is not ours stays; what waits or is switched off is closed', () => {
  const links = linksOf(
    link('tap-old', { master: 'brq-old' }),
    link('brq-old'),
    link('eth0', { alias: null }),
    link('tap-other', { alias: 'stackling:other' }),
    link('tap-early', { master: bridge }),
    link(tapName(idOf('off')), { master: bridge }),
    link(tapName(idOf('a')), { master: 'brq-elsewhere' }),
  )
  const { closing } = plan(wanted(), links, ['tap-early'])
  assert.deepEqual(closing, [
    'link del dev tap-old',
    'link del dev brq-old',
    'link set dev tap-early down nomaster',
    `link set dev ${tapName(idOf('off'))} down nomaster`,
    `link set dev ${tapName(idOf('a'))} down nomaster`,
  ])
})

test('a reachable network takes its addresses, and a physical one its device as it is', () => {
  const flat = network('p', { type: 'flat', physicalNetwork: 'physnet', hostAddresses: ['203.0.113.1/24', '2001:db8::1/64'] })
  const name = bridgeName(idOf('p'))
  const links = linksOf(link(name, { addresses: ['203.0.113.9/24'] }), link('eth9', { alias: null }))
  assert.deepEqual(plan(spec({ networks: [flat] }), links).opening, [
    `address del 203.0.113.9/24 dev ${name}`,
    `address add 203.0.113.1/24 dev ${name}`,
    `address add 2001:db8::1/64 dev ${name} nodad`,
    `link set dev eth9 master ${name} up`,
  ])
})

test('a network that cannot be made here is a fault, its ports are left out', () => {
  const result = wantedLinks(spec({ networks: [network('v', { type: 'vlan' })], ports: [port('a', 'v')] }), options)
  assert.match(result.faults.get(idOf('v')) ?? '', /vlan/)
  assert.deepEqual([result.bridges, result.slaves], [[], []])
})

test('tunnel entries: one for broadcast per peer, static ones per MAC', () => {
  const have = [
    { mac: '00:00:00:00:00:00', dst: '192.0.2.9' },
    { mac: 'fa:16:3e:00:00:01', dst: '192.0.2.2' },
  ]
  assert.deepEqual(planTunnels('vx', [{ address: '192.0.2.2', macs: ['FA:16:3E:00:00:01', 'fa:16:3e:00:00:02'] }], have), [
    'fdb del 00:00:00:00:00:00 dev vx dst 192.0.2.9 self',
    'fdb append 00:00:00:00:00:00 dev vx dst 192.0.2.2 self static',
    'fdb replace fa:16:3e:00:00:02 dev vx dst 192.0.2.2 self static',
  ])
})

test("ip's own words are read", () => {
  const json = JSON.stringify([
    {
      ifname: 'x',
      mtu: 1500,
      flags: ['UP'],
      master: 'br',
      ifalias: 'stackling:1',
      address: '02:00:00:00:00:01',
      linkinfo: { info_kind: 'veth' },
      addr_info: [
        { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' },
        { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
      ],
    },
  ])
  assert.deepEqual(parseLinks(json).get('x'), {
    name: 'x',
    mtuBytes: 1500,
    up: true,
    master: 'br',
    alias: 'stackling:1',
    mac: '02:00:00:00:00:01',
    kind: 'veth',
    addresses: ['10.0.0.1/24'],
  })
  assert.equal(parseLinks('').size, 0)
})

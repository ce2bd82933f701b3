// dnsmasq's files from a spec, and that no user's text becomes configuration (attack-24).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DhcpSubnetSpec } from '../../../contract/network.ts'
import { dhcp, idOf, macOf } from '../../../../test/support/network-lab/specs.ts'
import { dnsmasqFiles } from './config.ts'
import { domainName, hostLabel, optionName, optionValue } from './options.ts'

const subnet = (more: Partial<DhcpSubnetSpec>): DhcpSubnetSpec => ({
  id: 's4',
  cidr: '10.0.0.0/24',
  ipVersion: 4,
  serverIp: '10.0.0.2',
  gatewayIp: '10.0.0.1',
  enableDhcp: true,
  ipv6Mode: null,
  dnsNameservers: [],
  hostRoutes: [],
  mtuBytes: 1450,
  ...more,
})
const six = subnet({ id: 's6', cidr: '2001:db8::/64', ipVersion: 6, serverIp: '2001:db8::2', gatewayIp: null, ipv6Mode: 'dhcpv6-stateful' })
const lease = (name: string, ips: string[], options: { name: string; value: string; ipVersion: 4 | 6 }[] = []) => ({
  portId: idOf(name),
  mac: macOf(name),
  ips,
  hostname: `host-${name}`,
  options,
})

test('a network with both families', () => {
  const spec = dhcp('n', { subnets: [subnet({}), six], leases: [lease('a', ['10.0.0.11', '2001:db8::11'])] })
  const files = dnsmasqFiles(spec, '/run/x')
  assert.deepEqual(files.config.trim().split('\n'), [
    'pid-file=/run/x/pid',
    'user=nobody',
    'group=nogroup',
    'bind-dynamic',
    'except-interface=lo',
    'no-hosts',
    'no-resolv',
    'leasefile-ro',
    `interface=ns-${idOf('dhcp n').slice(0, 11)}`,
    'dhcp-hostsfile=/run/x/hosts',
    'dhcp-optsfile=/run/x/options',
    'addn-hosts=/run/x/names',
    'dhcp-authoritative',
    'dhcp-lease-max=16777216',
    'domain=openstacklocal',
    'local=/openstacklocal/',
    'server=127.0.0.1#1053',
    'dhcp-range=set:subnet-s4,10.0.0.0,static,255.255.255.0,86400s',
    'dhcp-range=set:subnet-s6,2001:db8::,static,64,86400s',
  ])
  const host = `${macOf('a')},host-a`
  assert.equal(files.hosts, `${host},10.0.0.11\n${host},[2001:db8::11]\n`)
  assert.equal(files.names, '10.0.0.11 host-a.openstacklocal host-a\n2001:db8::11 host-a.openstacklocal host-a\n')
  assert.deepEqual(files.options.trim().split('\n'), [
    'tag:subnet-s4,option:dns-server,10.0.0.2',
    'tag:subnet-s4,option:router,10.0.0.1',
    'tag:subnet-s4,option:mtu,1450',
    'tag:subnet-s4,option:domain-name,openstacklocal',
    'tag:subnet-s6,option6:dns-server,[2001:db8::2]',
    'tag:subnet-s6,option6:domain-search,openstacklocal',
  ])
})

test('subnets without DHCP and with SLAAC are not served, stateless ones give options only', () => {
  const none = dnsmasqFiles(dhcp('n', { subnets: [subnet({ enableDhcp: false })], leases: [lease('a', ['10.0.0.11'])] }), '/d')
  assert.deepEqual([none.hosts, none.options, none.config.includes('dhcp-range')], ['', '', false])
  const slaac = dnsmasqFiles(dhcp('n', { subnets: [{ ...six, ipv6Mode: 'slaac' }], leases: [] }), '/d')
  assert.equal(slaac.config.includes('dhcp-range'), false)
  const stateless = dnsmasqFiles(
    dhcp('n', { subnets: [{ ...six, ipv6Mode: 'dhcpv6-stateless' }], leases: [lease('a', ['2001:db8::11'])] }),
    '/d',
  )
  assert.equal(stateless.hosts, `${macOf('a')},host-a\n`)
})

test('routes: the metadata address, other subnets, and the default once more', () => {
  const options = (more: Partial<DhcpSubnetSpec>, metadata = true) =>
    dnsmasqFiles(dhcp('n', { metadata, subnets: [subnet(more)] }), '/d').options
  assert.match(options({}), /option:classless-static-route,169\.254\.169\.254\/32,10\.0\.0\.2,0\.0\.0\.0\/0,10\.0\.0\.1\n/)
  assert.doesNotMatch(options({}, false), /classless/)
  assert.match(options({ gatewayIp: null }), /option:router\n/)
  assert.match(options({ gatewayIp: null }), /249,169\.254\.169\.254\/32,10\.0\.0\.2\n/)
  const two = dnsmasqFiles(
    dhcp('n', { subnets: [subnet({}), subnet({ id: 't', cidr: '10.1.0.0/24', serverIp: '10.1.0.2' })] }),
    '/d',
  ).options
  assert.match(two, /tag:subnet-s4,option:classless-static-route,10\.1\.0\.0\/24,0\.0\.0\.0,0\.0\.0\.0\/0,10\.0\.0\.1\n/)
})

test('attack-24: nothing that a user names leaves its line or its option', () => {
  const bad = ['a\nb', 'a\rb', 'a\0b', 'a"b', 'a\\b', 'a #b', '#x', '', ' ', 'ä', 'x'.repeat(1025)]
  for (const value of bad) assert.equal(optionValue(value), null, JSON.stringify(value))
  assert.equal(optionValue('http://192.0.2.1/boot.ipxe,second#frag'), 'http://192.0.2.1/boot.ipxe,second#frag')
  for (const name of ['a,b', 'option:router', 'a b', '0', '255', '999', '', 'A', 'a\n']) assert.equal(optionName(name, 4), null, name)
  assert.equal(optionName('66', 4), '66')
  assert.equal(optionName('23', 6), 'option6:23')
  assert.equal(optionName('bootfile-name', 4), 'option:bootfile-name')
  for (const name of ['a,b', 'x\ny', '-a', 'ä', 'a_b', '']) assert.equal(hostLabel(name), '', name)
  assert.equal(hostLabel('Web-1.example.org'), 'web-1')
  for (const name of ['x\ny', 'a..b', '.', 'a,b', '/x/']) assert.equal(domainName(name), '', name)
  assert.equal(domainName('Cloud.Example.'), 'cloud.example')
  const files = dnsmasqFiles(
    dhcp('n', {
      domain: 'x\ndhcp-script=/bin/sh',
      subnets: [subnet({})],
      leases: [
        {
          ...lease(
            'a',
            ['10.0.0.11'],
            [
              { name: 'tftp-server', value: 'ok', ipVersion: 4 },
              { name: 'mtu', value: '1\nx=y', ipVersion: 4 },
            ],
          ),
          hostname: 'x\ny',
        },
      ],
    }),
    '/d',
  )
  for (const text of Object.values(files)) assert.doesNotMatch(text, /script|x=y|x\ny/)
  assert.ok(files.hosts.startsWith(`${macOf('a')},set:port-${idOf('a')},10.`), 'a tag only for who has options')
  assert.match(files.options, new RegExp(`tag:port-${idOf('a')},option:tftp-server,ok\\n`))
})

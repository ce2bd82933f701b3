// A network's dnsmasq: its configuration (a change means a restart) and its hosts and options files (a change means
// SIGHUP), from the spec. Pure; every text of a user goes through options.ts.
import type { DhcpSpec, DhcpSubnetSpec } from '../../../contract/network.ts'
import { addressOf, canonical, cidrOf, inCidr, isIpv6, netmask, parsePrefix } from '../addresses.ts'
import { relayAddress, relayPort } from '../dns/relay.ts'
import { dhcpDevice } from '../names.ts'
import { domainName, hostLabel, optionName, optionValue } from './options.ts'

export interface DnsmasqFiles {
  /** changes need a new process */
  config: string
  /** MAC to address */
  hosts: string
  options: string
  /** name to address, for DNS */
  names: string
}

const leaseSeconds = 86_400
const subnetTag = (subnet: DhcpSubnetSpec) => `subnet-${subnet.id}`
const portTag = (portId: string) => `port-${portId}`
const metadataAddress = '169.254.169.254'

/** The settings that every dnsmasq of ours has, whatever it does. */
export function commonConfig(directory: string): string[] {
  return [
    `pid-file=${directory}/pid`,
    'user=nobody',
    'group=nogroup',
    'bind-dynamic',
    'except-interface=lo',
    'no-hosts',
    'no-resolv',
    'leasefile-ro',
  ]
}

/** `directory`: where its files lie. Names that it does not know it asks of the relay in its namespace (dns/relay.ts). */
export function dnsmasqFiles(spec: DhcpSpec, directory: string): DnsmasqFiles {
  const served = spec.subnets.filter((subnet) => subnet.enableDhcp && subnet.ipv6Mode !== 'slaac')
  const domain = domainName(spec.domain)
  const config = [
    ...commonConfig(directory),
    `interface=${dhcpDevice(spec.portId)}`,
    `dhcp-hostsfile=${directory}/hosts`,
    `dhcp-optsfile=${directory}/options`,
    `addn-hosts=${directory}/names`,
    'dhcp-authoritative',
    'dhcp-lease-max=16777216',
    ...(domain === '' ? [] : [`domain=${domain}`, `local=/${domain}/`]),
    `server=${relayAddress}#${relayPort}`,
    ...served.map(rangeLine),
  ]
  return {
    config: lines(config),
    hosts: lines(spec.leases.flatMap((lease) => hostLines(lease, served))),
    options: lines([...served.flatMap((subnet) => subnetOptions(spec, subnet)), ...spec.leases.flatMap(portOptions)]),
    names: lines(spec.leases.flatMap((lease) => nameLines(lease, domain))),
  }
}

const lines = (list: string[]) => list.map((line) => `${line}\n`).join('')

function rangeLine(subnet: DhcpSubnetSpec): string {
  const network = addressOf(canonical(subnet.cidr))
  const length = parsePrefix(subnet.cidr)?.length ?? 0
  const extent = subnet.ipVersion === 4 ? netmask(length) : String(Math.max(length, 64))
  return `dhcp-range=set:${subnetTag(subnet)},${network},static,${extent},${leaseSeconds}s`
}

function hostLines(lease: DhcpSpec['leases'][number], served: DhcpSubnetSpec[]): string[] {
  const name = hostLabel(lease.hostname)
  const named = name === '' ? [] : [name]
  const reserved = lease.ips.filter((ip) => served.some((subnet) => inCidr(ip, subnet.cidr) && subnet.ipv6Mode !== 'dhcpv6-stateless'))
  const tag = portOptions(lease).length === 0 ? [] : [`set:${portTag(lease.portId)}`]
  const line = (...last: string[]) => [lease.mac.toLowerCase(), ...tag, ...named, ...last].join(',')
  const addressed = reserved.map((ip) => line(isIpv6(ip) ? `[${addressOf(ip)}]` : addressOf(ip)))
  const stateless = served.some((subnet) => subnet.ipv6Mode === 'dhcpv6-stateless' && lease.ips.some((ip) => inCidr(ip, subnet.cidr)))
  return addressed.length === 0 && stateless ? [line()] : addressed
}

/** dnsmasq 2.87 to 2.90 crashes when it rereads a hosts file with tags after it served one of them: it needs a restart. */
export const hostsCarryTags = (hosts: string): boolean => hosts.includes(',set:')

function nameLines(lease: DhcpSpec['leases'][number], domain: string): string[] {
  const name = hostLabel(lease.hostname)
  if (name === '') return []
  return lease.ips.map((ip) => [addressOf(ip), ...(domain === '' ? [] : [`${name}.${domain}`]), name].join(' '))
}

function portOptions(lease: DhcpSpec['leases'][number]): string[] {
  return lease.options.flatMap((option) => {
    const name = optionName(option.name, option.ipVersion)
    const value = optionValue(option.value)
    return name === null || value === null ? [] : [`tag:${portTag(lease.portId)},${name},${value}`]
  })
}

function subnetOptions(spec: DhcpSpec, subnet: DhcpSubnetSpec): string[] {
  const tag = `tag:${subnetTag(subnet)}`
  const domain = domainName(spec.domain)
  const servers = subnet.dnsNameservers.map(addressOf).filter((address) => isIpv6(address) === (subnet.ipVersion === 6))
  if (subnet.ipVersion === 6) {
    const dns = servers.length > 0 ? servers : [addressOf(subnet.serverIp)]
    return [
      `${tag},option6:dns-server,${dns.map((address) => `[${address}]`).join(',')}`,
      ...(domain === '' ? [] : [`${tag},option6:domain-search,${domain}`]),
    ]
  }
  const routes = classlessRoutes(spec, subnet)
  return [
    `${tag},option:dns-server,${(servers.length > 0 ? servers : [addressOf(subnet.serverIp)]).join(',')}`,
    // without a gateway the option is sent empty: dnsmasq would name itself
    subnet.gatewayIp === null ? `${tag},option:router` : `${tag},option:router,${addressOf(subnet.gatewayIp)}`,
    `${tag},option:mtu,${subnet.mtuBytes}`,
    ...(domain === '' ? [] : [`${tag},option:domain-name,${domain}`]),
    ...(routes.length === 0 ? [] : [`${tag},option:classless-static-route,${routes.join(',')}`, `${tag},249,${routes.join(',')}`]),
  ]
}

/** A guest that gets classless routes ignores the router option, so they repeat the default route. */
function classlessRoutes(spec: DhcpSpec, subnet: DhcpSubnetSpec): string[] {
  const hosts = subnet.hostRoutes
    .filter((route) => !isIpv6(route.destination))
    .map((route) => `${cidrOf(route.destination)},${addressOf(route.nexthop)}`)
  const others = spec.subnets
    .filter((other) => other.ipVersion === 4 && other.id !== subnet.id)
    .map((other) => `${cidrOf(other.cidr)},0.0.0.0`)
  const metadata = spec.metadata && !subnet.hostRoutes.some((route) => route.destination.startsWith(`${metadataAddress}/`))
  const routes = [...hosts, ...others, ...(metadata ? [`${metadataAddress}/32,${addressOf(subnet.serverIp)}`] : [])]
  if (routes.length === 0) return []
  const hasDefault = subnet.hostRoutes.some((route) => route.destination === '0.0.0.0/0')
  return subnet.gatewayIp === null || hasDefault ? routes : [...routes, `0.0.0.0/0,${addressOf(subnet.gatewayIp)}`]
}

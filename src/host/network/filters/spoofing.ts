// What ports may send and receive at layer 2, as sets and chains of table bridge: their own MACs and addresses only,
// in ARP and ND too, no answers of a DHCP server or router, no frame kinds but ARP, IPv4 and IPv6 (attack-23).
// Ports with exact addresses share one chain that looks into sets (loading 1,000 ports takes nft a tenth of what a
// chain each did); a port with a CIDR among its allowed pairs has a chain of its own.
// The chains mark the packet with the port's number for the IP-layer chains: the sender's on the way in, the
// receiver's on the way out.
import type { PortSpec } from '../../../contract/network.ts'
import { linkLocal, parsePrefix, reduce } from '../addresses.ts'
import { tapName } from '../names.ts'
import type { FilterPort } from './input.ts'
import { block, elements, quoted } from './text.ts'

/** What a port may call itself. */
interface Identity {
  /** MAC → the addresses and CIDRs that may be used with it */
  pairs: Map<string, string[]>
  ipv4: string[]
  ipv6: string[]
  /** a whole prefix is among them */
  wide: boolean
}

const identities = new WeakMap<PortSpec, Identity>()

function identityOf(port: PortSpec): Identity {
  const known = identities.get(port)
  if (known) return known
  const pairs = new Map<string, string[]>()
  const add = (mac: string, ip: string) => {
    const key = mac.toLowerCase()
    pairs.set(key, [...(pairs.get(key) ?? [linkLocal(key)]), ip])
  }
  pairs.set(port.mac.toLowerCase(), [linkLocal(port.mac)])
  for (const ip of port.fixedIps) add(port.mac, ip)
  for (const pair of port.allowedAddressPairs) add(pair.mac || port.mac, pair.ip)
  const all = [...pairs.values()].flat()
  const [ipv4, ipv6] = [reduce(all, 4), reduce(all, 6)]
  const identity = { pairs, ipv4, ipv6, wide: [...ipv4, ...ipv6].some((address) => address.includes('/')) }
  identities.set(port, identity)
  return identity
}

const allowedPairs = (port: PortSpec) => identityOf(port).pairs
const isWide = (port: PortSpec) => identityOf(port).wide

/** Every address and CIDR of a port, in canonical spelling, of one family. */
export const allowedAddresses = (port: PortSpec, version: 4 | 6): string[] => identityOf(port)[version === 4 ? 'ipv4' : 'ipv6']

/** Where a frame from the port goes for checking. */
export const senderChain = ({ spec, mark }: FilterPort): string => (isWide(spec) ? `from-${mark}` : 'from')

/** The sets and chains for these ports. */
export function spoofingBlocks(ports: FilterPort[]): string[] {
  const exact = ports.filter((port) => !isWide(port.spec))
  const each = (list: FilterPort[], of: (tap: string, mac: string, addresses: string[]) => string[]) =>
    list.flatMap(({ spec }) => [...allowedPairs(spec)].flatMap(([mac, addresses]) => of(quoted(tapName(spec.id)), mac, addresses)))
  const targets = exact.flatMap(({ spec }) => allowedAddresses(spec, 6).map((target) => `${quoted(tapName(spec.id))} . ${hex(target)}`))
  return [
    elements(
      'map marks',
      'type ifname : mark',
      ports.map(({ spec, mark }) => `${quoted(tapName(spec.id))} : ${mark}`),
    ),
    elements(
      'set macs',
      'type ifname . ether_addr',
      each(ports, (tap, mac) => [`${tap} . ${mac}`]),
    ),
    elements(
      'set arp-senders',
      'typeof iifname . ether saddr . arp saddr ether . arp saddr ip',
      each(exact, (tap, mac, addresses) => ['0.0.0.0', ...reduce(addresses, 4)].map((address) => `${tap} . ${mac} . ${mac} . ${address}`)),
    ),
    elements(
      'set ipv4-senders',
      'type ifname . ether_addr . ipv4_addr',
      each(exact, (tap, mac, addresses) => reduce(addresses, 4).map((address) => `${tap} . ${mac} . ${address}`)),
    ),
    elements(
      'set ipv6-senders',
      'type ifname . ether_addr . ipv6_addr',
      each(exact, (tap, mac, addresses) => reduce(addresses, 6).map((address) => `${tap} . ${mac} . ${address}`)),
    ),
    // the target of a neighbour advertisement lies 8 bytes into the ICMPv6 message; this nft has no name for it
    elements('set advertised', 'typeof iifname . @th,64,128', targets),
    block('chain from', sharedSenderLines),
    ...ports.filter((port) => isWide(port.spec)).flatMap(wideBlocks),
    block('chain to', [
      'ether type != { arp, ip, ip6 } drop',
      'ether daddr and 01:00:00:00:00:00 == 00:00:00:00:00:00 oifname . ether daddr != @macs drop',
      'meta mark set oifname map @marks',
    ]),
  ]
}

const frameGuards = ['ether type != { arp, ip, ip6 } drop', 'iifname . ether saddr != @macs drop', 'meta mark set iifname map @marks']
const ipv4Guards = [
  'ether type arp drop',
  'ether type ip udp sport 67 udp dport 68 drop',
  'ether type ip ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept',
]
const ipv6Guards = [
  'ether type ip drop',
  'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
  'ether type ip6 udp sport 547 udp dport 546 drop',
  'ether type ip6 ip6 saddr :: icmpv6 type { 131, 132, 143, nd-router-solicit, nd-neighbor-solicit } accept',
]

const sharedSenderLines = [
  ...frameGuards,
  'arp htype 1 arp hlen 6 arp plen 4 iifname . ether saddr . arp saddr ether . arp saddr ip @arp-senders accept',
  ...ipv4Guards,
  'ether type ip iifname . ether saddr . ip saddr @ipv4-senders accept',
  ...ipv6Guards,
  'ether type ip6 icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @advertised drop',
  'ether type ip6 iifname . ether saddr . ip6 saddr @ipv6-senders accept',
  'drop',
]

/** The chains of a port that may use whole prefixes. */
function wideBlocks({ spec, mark }: FilterPort): string[] {
  const pairs = [...allowedPairs(spec)].sort(([a], [b]) => (a < b ? -1 : 1))
  const four = pairs.map(([mac, addresses]) => ({ mac, addresses: reduce(addresses, 4) })).filter(({ addresses }) => addresses.length > 0)
  return [
    block(`chain advertised-${mark}`, [...allowedAddresses(spec, 6).map((target) => `${targetMatch(target)} return`), 'drop']),
    block(`chain from-${mark}`, [
      ...frameGuards,
      ...pairs.map(([mac, addresses]) => arpLine(mac, reduce(addresses, 4))),
      ...ipv4Guards,
      ...four.map(({ mac, addresses }) => `ether saddr ${mac} ether type ip ip saddr { ${addresses.join(', ')} } accept`),
      ...ipv6Guards,
      `ether type ip6 icmpv6 type nd-neighbor-advert jump advertised-${mark}`,
      ...pairs.map(([mac, addresses]) => `ether saddr ${mac} ether type ip6 ip6 saddr { ${reduce(addresses, 6).join(', ')} } accept`),
      'drop',
    ]),
  ]
}

function arpLine(mac: string, addresses: string[]): string {
  const sender = addresses.includes('0.0.0.0/0') ? '' : ` arp saddr ip { ${['0.0.0.0', ...addresses].join(', ')} }`
  return `ether saddr ${mac} arp htype 1 arp hlen 6 arp plen 4 arp saddr ether ${mac}${sender} accept`
}

function targetMatch(target: string): string {
  const length = parsePrefix(target)?.length ?? 128
  if (length === 0) return ''
  if (length === 128) return `@th,64,128 ${hex(target)}`
  const mask = ((1n << BigInt(length)) - 1n) << BigInt(128 - length)
  return `@th,64,128 and 0x${mask.toString(16).padStart(32, '0')} == ${hex(target)}`
}

/** An IPv6 address, or the network of a prefix, as the number that raw matches take. */
function hex(address: string): string {
  const prefix = parsePrefix(address)
  const host = BigInt(128 - (prefix?.length ?? 128))
  return `0x${(((prefix?.value ?? 0n) >> host) << host).toString(16).padStart(32, '0')}`
}

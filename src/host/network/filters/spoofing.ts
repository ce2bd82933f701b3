// What a port may send and receive at layer 2, as nft chains of table bridge: its own MACs and addresses only, in
// ARP and ND too, no answers of a DHCP server or router, no frame kinds but ARP, IPv4 and IPv6 (attack-23).
// The chains also mark the packet with the port's number for the IP-layer chains: sender in the low 16 bits,
// receiver in the high 16.
import type { PortSpec } from '../../contract.ts'
import { isIpv6, linkLocal, parsePrefix, reduce } from '../addresses.ts'

/** MAC → the addresses and CIDRs that may be used with it. */
export function allowedPairs(port: PortSpec): Map<string, string[]> {
  const pairs = new Map<string, string[]>()
  const add = (mac: string, ip: string) => {
    const key = mac.toLowerCase()
    pairs.set(key, [...(pairs.get(key) ?? [linkLocal(key)]), ip])
  }
  pairs.set(port.mac.toLowerCase(), [linkLocal(port.mac)])
  for (const ip of port.fixedIps) add(port.mac, ip)
  for (const pair of port.allowedAddressPairs) add(pair.mac || port.mac, pair.ip)
  return pairs
}

/** Every address and CIDR of a port, in canonical spelling, of one family. */
export function allowedAddresses(port: PortSpec, version: 4 | 6): string[] {
  return reduce([...allowedPairs(port).values()].flat(), version)
}

/** What a port may send. */
export function senderLines(port: PortSpec, mark: number): string[] {
  const pairs = allowedPairs(port)
  const macs = [...pairs.keys()].sort()
  return [
    'ether type != { arp, ip, ip6 } drop',
    `ether saddr != { ${macs.join(', ')} } drop`,
    `meta mark set ${mark}`,
    ...macs.map((mac) => arpLine(mac, reduce(pairs.get(mac) ?? [], 4))),
    'ether type arp drop',
    'ether type ip udp sport 67 udp dport 68 drop',
    'ether type ip ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept',
    ...macs.flatMap((mac) => {
      const addresses = reduce(pairs.get(mac) ?? [], 4)
      return addresses.length === 0 ? [] : [`ether saddr ${mac} ether type ip ip saddr { ${addresses.join(', ')} } accept`]
    }),
    'ether type ip drop',
    'ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } drop',
    'ether type ip6 udp sport 547 udp dport 546 drop',
    'ether type ip6 ip6 saddr :: icmpv6 type { 131, 132, 143, nd-router-solicit, nd-neighbor-solicit } accept',
    `ether type ip6 icmpv6 type nd-neighbor-advert jump ${advertChain(mark)}`,
    ...macs.map((mac) => `ether saddr ${mac} ether type ip6 ip6 saddr { ${reduce(pairs.get(mac) ?? [], 6).join(', ')} } accept`),
    'drop',
  ]
}

/** Which addresses a port may advertise as its neighbour's; returns for its own. */
export function advertLines(port: PortSpec): string[] {
  const targets = allowedAddresses(port, 6)
  return [...targets.filter(isIpv6).map((target) => `${targetMatch(target)} return`), 'drop']
}

export const advertChain = (mark: number): string => `na-${mark}`

function arpLine(mac: string, addresses: string[]): string {
  const sender = ['0.0.0.0', ...addresses.filter((address) => address !== '0.0.0.0/0')]
  const any = addresses.includes('0.0.0.0/0')
  const ip = any ? '' : ` arp saddr ip { ${sender.join(', ')} }`
  return `ether saddr ${mac} arp htype 1 arp hlen 6 arp plen 4 arp saddr ether ${mac}${ip} accept`
}

/** The target of a neighbour advertisement lies 8 bytes into the ICMPv6 message; this nft has no name for it. */
function targetMatch(target: string): string {
  const prefix = parsePrefix(target)
  if (!prefix || prefix.length === 0) return ''
  const value = (prefix.value >> BigInt(128 - prefix.length)) << BigInt(128 - prefix.length)
  const mask = ((1n << BigInt(prefix.length)) - 1n) << BigInt(128 - prefix.length)
  const hex = (number: bigint) => `0x${number.toString(16).padStart(32, '0')}`
  return prefix.length === 128 ? `@th,64,128 ${hex(value)}` : `@th,64,128 and ${hex(mask)} == ${hex(value)}`
}

/** What reaches a port: frames for its MACs or for many, and nothing that was only flooded past it. */
export function receiverLines(port: PortSpec, mark: number): string[] {
  const macs = [...allowedPairs(port).keys()].sort()
  return [
    'ether type != { arp, ip, ip6 } drop',
    `ether daddr and 01:00:00:00:00:00 == 00:00:00:00:00:00 ether daddr != { ${macs.join(', ')} } drop`,
    `meta mark set meta mark and 0xffff or ${receiverMark(mark)}`,
  ]
}

/** A port's number as receiver, where the packet's mark carries it. */
export const receiverMark = (mark: number): string => `0x${mark.toString(16)}0000`

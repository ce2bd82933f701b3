// The rules inside a router's namespace: floating IPs both ways, shared source NAT, hairpin, and what may not reach
// the router itself. One nft transaction per router. Pure.
import type { RouterSpec } from '../../../contract/network.ts'
import { addressOf, isIpv6 } from '../addresses.ts'
import { block } from '../filters/text.ts'
import { gatewayDevice } from '../names.ts'

const table = 'stackling'

/** Packets that came in from outside keep their sender's address; those of our own networks bear this mark. */
const insideMark = '0x1'

export function routerRules(router: RouterSpec): string {
  const head = ['ip', 'inet'].flatMap((family) => [`table ${family} ${table}`, `delete table ${family} ${table}`])
  const outside = router.gateway === null ? null : gatewayDevice(router.gateway.portId)
  return [...head, block(`table ip ${table}`, natLines(router, outside)), block(`table inet ${table}`, guardLines(outside)), ''].join('\n')
}

function natLines(router: RouterSpec, outside: string | null): string[] {
  if (outside === null) return []
  const pairs = router.floatingIps.map((entry) => ({ floating: addressOf(entry.floatingIp), fixed: addressOf(entry.fixedIp) }))
  // one fixed address may have several floating ones: the first answers for what it begins itself
  const outgoing = new Map(pairs.toReversed().map((pair) => [pair.fixed, pair.floating]))
  const own = router.gateway?.addresses.map(addressOf).find((address) => !isIpv6(address))
  const map = (name: string, entries: [string, string][]) =>
    block(`map ${name}`, [
      'type ipv4_addr : ipv4_addr',
      ...(entries.length === 0 ? [] : [`elements = { ${entries.map((entry) => entry.join(' : ')).join(', ')} }`]),
    ])
  return [
    map(
      'floating',
      pairs.map((pair): [string, string] => [pair.floating, pair.fixed]),
    ),
    map('fixed', [...outgoing].sort()),
    block('chain prerouting', [
      'type nat hook prerouting priority dstnat; policy accept',
      `iifname != "${outside}" meta mark set ${insideMark}`,
      'dnat to ip daddr map @floating',
    ]),
    block('chain postrouting', [
      'type nat hook postrouting priority srcnat; policy accept',
      `oifname "${outside}" snat to ip saddr map @fixed`,
      // hairpin: a guest that calls a floating IP of this very router must get its answer through the router
      `oifname != "${outside}" meta mark ${insideMark} ct status dnat snat to ip saddr map @fixed`,
      ...(own === undefined ? [] : [`oifname != "${outside}" meta mark ${insideMark} ct status dnat snat to ${own}`]),
      ...(router.gateway?.enableSnat && own !== undefined ? [`oifname "${outside}" meta mark ${insideMark} snat to ${own}`] : []),
    ]),
  ]
}

/** DHCPv6 is the DHCP namespace's; the router's dnsmasq only announces. Metadata is for the inside. */
function guardLines(outside: string | null): string[] {
  return [
    block('chain input', [
      'type filter hook input priority filter; policy accept',
      'udp dport 547 drop',
      ...(outside === null ? [] : [`iifname "${outside}" ip daddr 169.254.169.254 drop`]),
    ]),
  ]
}

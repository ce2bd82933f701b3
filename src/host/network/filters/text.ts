// The pieces of nft text that several chains share: blocks, sets and maps, and the rules that hold for every port.

export function block(head: string, lines: string[]): string {
  return [`${head} {`, ...lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`), '}'].join('\n')
}

/** A named set or map; nft takes it empty, too. Several values for one key would spoil the whole load: the first stays. */
export function elements(head: string, type: string, list: string[]): string {
  const seen = new Set<string>()
  const kept = list.filter((element) => {
    const key = element.split(' : ')[0] ?? element
    return seen.has(key) ? false : seen.add(key)
  })
  return block(head, [type, ...(kept.length === 0 ? [] : [`elements = {\n${kept.map((element) => `  ${element},`).join('\n')}\n}`])])
}

export const quoted = (name: string): string => `"${name}"`

/** Goes on for every port, whatever its groups say: addresses by DHCP, neighbours, multicast membership. */
export const alwaysOut = [
  'icmpv6 type { nd-router-advert, nd-redirect } drop',
  'udp sport 67 udp dport 68 drop',
  'udp sport 547 udp dport 546 drop',
  'icmpv6 type { 130, 131, 132, 143, nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept',
  'meta nfproto ipv4 udp sport 68 udp dport 67 accept',
  'meta nfproto ipv6 udp sport 546 udp dport 547 accept',
]
export const alwaysIn = [
  'icmpv6 type { 130, 131, 132, 143, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept',
  'meta nfproto ipv4 udp sport 67 udp dport 68 accept',
  'meta nfproto ipv6 udp sport 547 udp dport 546 accept',
]

/** A TCP connection begins with a SYN: one whose state was taken away does not come back from its middle. */
export const stateful = [
  'ct state established,related accept',
  'ct state invalid drop',
  'meta l4proto tcp tcp flags & (fin|syn|rst|ack) != syn drop',
]

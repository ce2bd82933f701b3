// The difference between the devices that should be and those that are, as lines for `ip -batch`: first what must
// be closed (before rules change), then what is opened (after the rules stand). Pure.
import { spelled } from '../addresses.ts'
import type { Link, Links } from './links.ts'
import type { WantedBridge, WantedLinks, WantedSlave } from './wanted.ts'

export interface L2Plan {
  /** run before the filters are replaced */
  closing: string[]
  /** run after */
  opening: string[]
  /** whose line of `opening` it is: a device's name */
  owners: string[]
  /** devices whose tap is not there yet */
  missing: string[]
}

export interface L2Facts {
  wanted: WantedLinks
  links: Links
  /** the mark of our devices */
  alias: string
  /** taps that wait for their port's row: kept, but closed */
  unclaimed: Set<string>
}

/** Lines that turn what is into what should be. None when all is well. */
export function planL2(facts: L2Facts): L2Plan {
  const { wanted, links, alias } = facts
  const plan: L2Plan = { closing: closingLines(facts), opening: [], owners: [], missing: [] }
  const open = (owner: string, lines: string[]) => {
    plan.opening.push(...lines)
    plan.owners.push(...lines.map(() => owner))
  }
  for (const bridge of wanted.bridges) open(bridge.name, bridgeLines(bridge, links.get(bridge.name), alias))
  for (const slave of wanted.slaves) {
    const link = links.get(slave.name)
    if (!link && !slave.make) plan.missing.push(slave.name)
    else open(slave.name, slaveLines(slave, link, alias))
  }
  return plan
}

/** What we own and nobody wants is deleted; what must stay but pass nothing is taken out of its bridge. */
function closingLines({ wanted, links, alias, unclaimed }: L2Facts): string[] {
  const named = new Set([...wanted.bridges.map((bridge) => bridge.name), ...wanted.slaves.map((slave) => slave.name)])
  const closed = new Set([...wanted.closed, ...unclaimed])
  const lines: string[] = []
  for (const link of links.values()) {
    if (named.has(link.name)) {
      const slave = wanted.slaves.find((candidate) => candidate.name === link.name)
      if (slave && link.master !== null && link.master !== slave.bridge) lines.push(`link set dev ${link.name} down nomaster`)
    } else if (closed.has(link.name)) {
      if (link.up || link.master !== null) lines.push(`link set dev ${link.name} down nomaster`)
    } else if (link.alias === alias) {
      lines.push(`link del dev ${link.name}`)
    }
  }
  return lines
}

function bridgeLines(bridge: WantedBridge, link: Link | undefined, alias: string): string[] {
  const lines: string[] = []
  const { name } = bridge
  const reachable = bridge.addresses.length > 0
  if (!link) {
    const settings = 'stp_state 0 forward_delay 0 mcast_snooping 0 nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 0'
    lines.push(
      `link add name ${name} address ${bridge.mac} mtu ${bridge.mtuBytes} type bridge ${settings}`,
      `link set dev ${name} alias ${alias}`,
    )
  }
  if (!link || link.mtuBytes !== bridge.mtuBytes) lines.push(`link set dev ${name} mtu ${bridge.mtuBytes}`)
  // a tenant's bridge answers no ARP and takes no address: the machine's own stack is not part of it
  if (!link?.up) lines.push(`link set dev ${name} arp ${reachable ? 'on' : 'off'} addrgenmode none up`)
  else if (reachable !== link.addresses.length > 0) lines.push(`link set dev ${name} arp ${reachable ? 'on' : 'off'}`)
  const want = new Set(bridge.addresses.map(spelled))
  const have = new Set(link?.addresses ?? [])
  for (const address of have) if (!want.has(address)) lines.push(`address del ${address} dev ${name}`)
  for (const address of want)
    if (!have.has(address)) lines.push(`address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`)
  return lines
}

function slaveLines(slave: WantedSlave, link: Link | undefined, alias: string): string[] {
  const { name, bridge, mtuBytes, make } = slave
  const lines: string[] = []
  if (!link && make?.kind === 'veth') {
    lines.push(
      `link add name ${name} mtu ${mtuBytes} type veth peer name ${make.peer} address ${make.mac} mtu ${mtuBytes} netns ${make.namespace}`,
    )
  }
  if (!link && make?.kind === 'words') lines.push(`link add name ${name} mtu ${mtuBytes} ${make.words}`)
  if (make === null && slave.portId === null) {
    // the machine's own device: joined, not changed
    return link?.master === bridge && link.up ? [] : [`link set dev ${name} master ${bridge} up`]
  }
  if (link?.alias !== alias) lines.push(`link set dev ${name} alias ${alias}`)
  if (link?.master !== bridge || !link.up || link.mtuBytes !== mtuBytes) {
    lines.push(`link set dev ${name} mtu ${mtuBytes} master ${bridge} addrgenmode none up`)
  }
  return lines
}

// The addresses and routes of one namespace: what should be, what is, and the `ip -batch` lines between the two.
import { addressOf, canonical, isIpv6, spelled } from '../addresses.ts'
import { readLinks } from '../l2/links.ts'
import { attempt, batch } from '../run.ts'
import { HostError } from '../../../contract/call.ts'

export interface NamespaceWanted {
  /** device → addresses with prefix length */
  devices: Map<string, string[]>
  routes: WantedRoute[]
}

export interface WantedRoute {
  /** a prefix, or 'default' */
  destination: string
  nexthop: string
  /** null: the kernel finds it by the next hop */
  device: string | null
  /** the next hop is on the wire though in none of our prefixes */
  onLink: boolean
}

export interface NamespaceFacts {
  /** device → addresses that it has; missing devices are not named */
  addresses: Map<string, string[]>
  up: Set<string>
  /** our routes, as keys made by routeKey */
  routes: Set<string>
}

/** Routes of ours bear this protocol number (`static`), so that the kernel's own are left alone. */
const protocol = 'proto static'

async function readNamespace(namespace: string): Promise<NamespaceFacts> {
  const [links, ...routes] = await Promise.all([
    readLinks(namespace),
    ...['-4', '-6'].map((family) => attempt(['ip', '-n', namespace, family, '-j', 'route', 'show', ...protocol.split(' ')])),
  ])
  const entries = routes.flatMap((list) => JSON.parse(list?.stdout || '[]') as { dst: string; gateway?: string; dev?: string }[])
  return {
    addresses: new Map([...links.values()].map((link) => [link.name, link.addresses])),
    up: new Set([...links.values()].filter((link) => link.up).map((link) => link.name)),
    routes: new Set(entries.map((entry) => routeKey(entry.dst, entry.gateway ?? '', entry.gateway))),
  }
}

const routeKey = (destination: string, nexthop: string, familyOf = nexthop) => {
  const target = destination === 'default' ? (familyOf.includes(':') ? '::/0' : '0.0.0.0/0') : canonical(destination)
  return `${target} ${nexthop === '' ? '' : addressOf(nexthop)}`
}

export interface NamespacePlan {
  lines: string[]
  /** device and address pairs that are new, to be announced */
  added: { device: string; address: string }[]
}

/** The lines that make the namespace as wanted. Pure. */
export function planNamespace(wanted: NamespaceWanted, facts: NamespaceFacts): NamespacePlan {
  const lines: string[] = []
  const added: NamespacePlan['added'] = []
  const routes = wanted.routes.map((route) => ({ ...route, key: routeKey(route.destination, route.nexthop) }))
  const keys = new Set(routes.map((route) => route.key))
  for (const key of facts.routes) {
    if (keys.has(key)) continue
    const [destination = '', nexthop = ''] = key.split(' ')
    lines.push(`${isIpv6(destination) ? '-6 ' : ''}route del ${destination}${nexthop === '' ? '' : ` via ${nexthop}`} ${protocol}`)
  }
  let changed = false
  for (const [device, addresses] of wanted.devices) {
    const want = new Set(addresses.map(spelled))
    const have = new Set(facts.addresses.get(device) ?? [])
    if (!facts.up.has(device)) lines.push(`link set dev ${device} up`)
    for (const address of have) if (!want.has(address) && !isLoopback(address)) lines.push(`address del ${address} dev ${device}`)
    for (const address of want) {
      if (have.has(address)) continue
      lines.push(`address add ${address} dev ${device}${isIpv6(address) ? ' nodad' : ''}`)
      added.push({ device, address })
      changed = true
    }
  }
  for (const route of routes) {
    // an address that went may have taken routes along, so all are said again when any address changed
    if (facts.routes.has(route.key) && !changed && lines.length === 0) continue
    const family = isIpv6(route.nexthop) ? '-6 ' : ''
    const device = route.device === null ? '' : ` dev ${route.device}${route.onLink ? ' onlink' : ''}`
    lines.push(`${family}route replace ${route.destination} via ${addressOf(route.nexthop)}${device} ${protocol}`)
  }
  return { lines, added }
}

const isLoopback = (address: string) => address.startsWith('127.') || address === '::1/128'

/** Makes a namespace's addresses and routes so; returns the addresses that are new. */
export async function applyNamespace(namespace: string, wanted: NamespaceWanted): Promise<NamespacePlan['added']> {
  const plan = planNamespace(wanted, await readNamespace(namespace))
  const faults = await batch(plan.lines, { namespace })
  // a route of a user through an address that is nowhere is the user's: the rest stands
  const serious = [...faults].filter(([line]) => !/route /.test(plan.lines[line] ?? ''))
  if (serious.length > 0) throw new HostError('failed', serious.map(([line, fault]) => `${plan.lines[line] ?? 'ip'}: ${fault}`).join('; '))
  return plan.added
}

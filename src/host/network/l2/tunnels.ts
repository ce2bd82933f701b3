// Which MAC lives behind which host, in the forwarding table of a VXLAN device: static entries from control, and one
// all-zero entry per peer for broadcast.
import { batch, run } from '../run.ts'

const flood = '00:00:00:00:00:00'

interface Entry {
  mac: string
  dst: string
}

const keyOf = ({ mac, dst }: Entry) => `${mac} ${dst}`

/** The lines for `bridge -batch` between what is and what should be. Pure. */
export function planTunnels(device: string, peers: { address: string; macs: string[] }[], have: Entry[]): string[] {
  const want = new Map(
    peers
      .flatMap(({ address, macs }) => [flood, ...macs.map((mac) => mac.toLowerCase())].map((mac) => ({ mac, dst: address })))
      .map((entry) => [keyOf(entry), entry]),
  )
  const present = new Set(have.map(keyOf))
  return [
    ...have.filter((entry) => !want.has(keyOf(entry))).map((entry) => `fdb del ${entry.mac} dev ${device} dst ${entry.dst} self`),
    ...[...want.values()]
      .filter((entry) => !present.has(keyOf(entry)))
      .map((entry) => `fdb ${entry.mac === flood ? 'append' : 'replace'} ${entry.mac} dev ${device} dst ${entry.dst} self static`),
  ]
}

/** Makes a tunnel device's table so. Returns what went wrong, or null. */
export async function applyTunnels(device: string, peers: { address: string; macs: string[] }[]): Promise<string | null> {
  const shown = JSON.parse((await run(['bridge', '-j', 'fdb', 'show', 'dev', device])) || '[]') as {
    mac: string
    dst?: string
    flags?: string[]
  }[]
  const have = shown.filter((entry): entry is { mac: string; dst: string } => entry.dst !== undefined)
  const faults = await batch(planTunnels(device, peers, have), { program: 'bridge' })
  return faults.size === 0 ? null : [...faults.values()].join('; ')
}

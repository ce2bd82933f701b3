// The devices that really exist in the namespace we run in, as `ip` tells.
import { run } from '../run.ts'

export interface Link {
  name: string
  mtuBytes: number
  up: boolean
  /** the bridge that it is in */
  master: string | null
  alias: string | null
  mac: string
  /** 'bridge', 'veth', 'tun', 'vxlan', … or '' for a plain device */
  kind: string
  addresses: string[]
}

interface IpLink {
  ifname: string
  mtu: number
  flags: string[]
  master?: string
  ifalias?: string
  address?: string
  linkinfo?: { info_kind?: string }
  addr_info?: { family: string; local: string; prefixlen: number; scope: string }[]
}

export type Links = Map<string, Link>

/** Every device with its addresses, in one process. */
export async function readLinks(namespace?: string): Promise<Links> {
  const where = namespace === undefined ? [] : ['-n', namespace]
  return parseLinks(await run(['ip', ...where, '-j', '-d', 'addr', 'show']))
}

export function parseLinks(json: string): Links {
  const links = JSON.parse(json === '' ? '[]' : json) as IpLink[]
  return new Map(
    links.map((link) => [
      link.ifname,
      {
        name: link.ifname,
        mtuBytes: link.mtu,
        up: link.flags.includes('UP'),
        master: link.master ?? null,
        alias: link.ifalias ?? null,
        mac: link.address ?? '',
        kind: link.linkinfo?.info_kind ?? '',
        addresses: (link.addr_info ?? []).filter((entry) => entry.scope !== 'link').map((entry) => `${entry.local}/${entry.prefixlen}`),
      },
    ]),
  )
}

// --listen ADDR:PORT, NAME:PORT, [V6]:PORT or PORT, and --public-url: where the APIs listen and how others reach them.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Complaint } from './complaint.ts'

export interface Listen {
  address: string
  port: number
}

/** A name becomes the address that it has now. */
export async function parseListen(text: string, option = '--listen'): Promise<Listen> {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d+)$/.exec(text)
  const name = match?.[1] ?? match?.[2] ?? '127.0.0.1'
  const port = Number(match?.[3])
  if (!match || port < 1 || port > 65535 || (!isIP(name) && !isHostName(name))) {
    throw new Complaint(`${option} ${text}: write ADDRESS:PORT, for example 127.0.0.1:9000`)
  }
  return { address: isIP(name) ? name : await addressOf(name, option), port }
}

/** Not all digits: 1.2.3 is a mistake and no name. */
const isHostName = (name: string) =>
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name) && /[a-z]/i.test(name)

async function addressOf(name: string, option: string): Promise<string> {
  try {
    return (await lookup(name)).address
  } catch (error) {
    throw new Complaint(`${option}: the name ${name} has no address here (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** The URL under which clients of this machine reach such a listener. */
export function urlOf(listen: Listen): string {
  const host = everywhere[listen.address] ?? listen.address
  return `http://${host.includes(':') ? `[${host}]` : host}:${listen.port}`
}

/** The URL that catalog, links and log-in data show: as it was given, without the last slash. */
export function parsePublicUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Complaint(`--public-url ${text}: write https://NAME, https://NAME:PORT or https://NAME/PATH`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.')

/** What whoever opens a cloud to others should know. */
export function listenWarnings(listen: Listen, publicUrl: string | undefined): string[] {
  if (isLoopback(listen.address)) return []
  const isHidden = publicUrl === undefined && listen.address in everywhere
  return [
    ...(publicUrl?.startsWith('https:')
      ? []
      : [
          `everybody who reaches ${listen.address} port ${listen.port} reaches the APIs, and passwords cross the network without TLS: ` +
            'put a proxy with TLS before it and give --public-url https://…',
        ]),
    ...(isHidden
      ? [
          `other machines find no service, since the catalog says ${urlOf(listen)}: give --public-url with the name or address that they use`,
        ]
      : []),
  ]
}

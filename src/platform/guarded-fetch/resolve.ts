// A name's addresses: from the machine's hosts file, else from the name servers, both families. Not getaddrinfo: that waits on
// one of four threads which all file access shares, so that a few names whose server is silent would hold the whole cloud.
import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

export interface Address {
  address: string
  family: number
}

export type Resolve = (host: string) => Promise<Address[]>

const hostsFile = '/etc/hosts'
const patience = { timeout: 3000, tries: 2 }

/** Rejects, or is empty, when nobody knows the name. */
export const systemResolve: Resolve = async (host) => {
  // RFC 6761: this name is never asked for
  if (host === 'localhost' || host.endsWith('.localhost')) return asAddresses(['127.0.0.1', '::1'])
  const known = hostsOf(await hostsText(), host)
  if (known.length > 0) return known
  const resolver = new Resolver(patience)
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? asAddresses(answer.value) : []))
  const failed = answers.find((answer) => answer.status === 'rejected')
  if (found.length === 0 && failed) throw failed.reason
  return found
}

const hostsText = (): Promise<string> =>
  readFile(hostsFile, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })

const asAddresses = (texts: string[]): Address[] => texts.map((address) => ({ address, family: isIP(address) }))

/** What a hosts file says of a name. */
export function hostsOf(text: string, host: string): Address[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return isIP(address) !== 0 && names.some((name) => name.toLowerCase() === host.toLowerCase()) ? asAddresses([address]) : []
  })
}

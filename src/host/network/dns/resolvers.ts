// The machine's own resolvers, read anew when their file changes: a laptop that moves has others an hour later.
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'

const most = 3

/** The name servers of a resolv.conf, as the C library takes them: the first three. */
export function resolversOf(text: string): string[] {
  const named = [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, address = '']) => address)
  return named.filter((address) => isIP(address.split('%')[0] ?? '') !== 0).slice(0, most)
}

/** Reads the file again when it is not the one that was read last; none there is no resolver. */
export function createResolvers(path: string): () => string[] {
  let known: { mark: string; addresses: string[] } = { mark: '', addresses: [] }
  return () => {
    const mark = markOf(path)
    if (mark !== known.mark) known = { mark, addresses: mark === '' ? [] : resolversOf(readFileSync(path, 'utf8')) }
    return known.addresses
  }
}

function markOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : ''
}

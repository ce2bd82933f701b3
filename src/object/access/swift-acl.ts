// Swift's container ACLs: the text as people write it, the text as it is kept, and what it says. Items between commas: `project:user`
// with stars, a role's name, `.r:host` for a referrer, `.rlistings`.

export interface SwiftAcl {
  /** hosts of `.r:`, in order; a minus in front takes away */
  referrers: string[]
  /** `project:user` and names of roles, percent signs undone */
  grantees: string[]
  /** referrers may list, too */
  listings: boolean
}

const referrerWords = new Set(['.r', '.ref', '.referer', '.referrer'])

/** The text to keep, or what is wrong with it. */
export function cleanAcl(header: string, value: string): { acl: string } | { fault: string } {
  const items: string[] = []
  for (const part of value.split(',')) {
    const item = part.trim()
    if (item === '') continue
    const colon = item.indexOf(':')
    const first = item.slice(0, Math.max(0, colon)).trim()
    if (colon < 0 || !first.startsWith('.')) {
      items.push(item)
      continue
    }
    if (!referrerWords.has(first)) return { fault: `Unknown designator '${first}' in ACL: '${item}'` }
    if (header.includes('write')) return { fault: `Referrers not allowed in write ACL: '${item}'` }
    let host = item.slice(colon + 1).trim()
    const isDenied = host.startsWith('-')
    if (isDenied) host = host.slice(1).trim()
    if (host !== '*' && host.startsWith('*')) host = host.slice(1).trim()
    if (host === '' || host === '.') return { fault: `No host/domain value after referrer designation in ACL: '${item}'` }
    items.push(`.r:${isDenied ? '-' : ''}${host}`)
  }
  return { acl: items.join(',') }
}

const nothing: SwiftAcl = { referrers: [], grantees: [], listings: false }

/** What a kept ACL says. */
export function parseAcl(text: string | undefined): SwiftAcl {
  if (text === undefined || text === '') return nothing
  const acl: SwiftAcl = { referrers: [], grantees: [], listings: false }
  for (const item of text.split(',')) {
    if (item.startsWith('.r:')) acl.referrers.push(item.slice('.r:'.length))
    else if (item === '.rlistings') acl.listings = true
    else acl.grantees.push(unquoted(item))
  }
  return acl
}

/** Percent signs undone where that makes a text. */
function unquoted(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** May somebody who comes from that page (the Referer header) read? The last item that fits decides. */
export function isReferrerAllowed(referrer: string | undefined, hosts: readonly string[]): boolean {
  if (hosts.length === 0) return false
  const from = hostOf(referrer) ?? 'unknown'
  let isAllowed = false
  for (const host of hosts) {
    const isDenied = host.startsWith('-')
    const name = isDenied ? host.slice(1) : host
    const isMeant = name === from || (name.startsWith('.') && from.endsWith(name)) || (!isDenied && name === '*')
    if (isMeant) isAllowed = !isDenied
  }
  return isAllowed
}

function hostOf(referrer: string | undefined): string | null {
  if (referrer === undefined || referrer.length > 8192 || !URL.canParse(referrer)) return null
  return new URL(referrer).hostname || null
}

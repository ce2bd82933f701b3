// Accounts and containers in host names: below a domain that an operator set aside for it, `container.auth-ACCOUNT` or `auth-ACCOUNT` is
// where a path begins. A browser writes names small and a name may hold no underscore, so `auth-x` is AUTH_x.

/** The parts of the host below the first domain that fits, from the left; null: it is none of these hosts. */
export function storageHost(host: string, domains: readonly string[]): string[] | null {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  for (const domain of domains) {
    const suffix = `.${domain.toLowerCase().replace(/^\./, '')}`
    if (name.endsWith(suffix) && name.length > suffix.length) return name.slice(0, -suffix.length).split('.')
  }
  return null
}

const prefixes = ['AUTH', 'SERVICE']

/** The path in front of the one that was asked for; null where the parts name no account. */
export function storagePath(parts: readonly string[]): string | null {
  const [container, account] = parts.length === 2 ? parts : [null, parts[0]]
  if (parts.length > 2 || account === undefined) return null
  const written = account.includes('_') ? account : account.replace('-', '_')
  const prefix = prefixes.find((each) => written.startsWith(`${each.toLowerCase()}_`))
  if (prefix === undefined) return null
  return `/v1/${prefix}${written.slice(prefix.length)}${container === null || container === undefined ? '' : `/${container}`}`
}

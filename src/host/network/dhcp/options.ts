// What a user may put into DHCP: names and values become lines of dnsmasq's files, so nothing passes that could end
// a line, open a quote or start a comment (attack-24). Pure.

/** An option by name or number; null when it is neither. */
export function optionName(name: string, ipVersion: 4 | 6): string | null {
  if (/^\d{1,3}$/.test(name)) return Number(name) > 0 && Number(name) < 255 ? (ipVersion === 4 ? name : `option6:${name}`) : null
  return /^[a-z][a-z0-9-]{0,63}$/.test(name) ? `option${ipVersion === 4 ? '' : '6'}:${name}` : null
}

/** A value that stays one value of one line; null when it would not. */
export function optionValue(value: string): string | null {
  if (!/^[\x20-\x7e]{1,1024}$/.test(value) || /["\\]|(^|\s)#/.test(value)) return null
  return value.trim() === '' ? null : value
}

/** A host name that a guest may be told, or '' when there is none in it. */
export function hostLabel(name: string): string {
  const label = name.toLowerCase().split('.')[0] ?? ''
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) ? label : ''
}

/** A domain name that may stand in the configuration, or ''. */
export function domainName(name: string): string {
  const domain = name.toLowerCase().replace(/\.$/, '')
  return domain.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(domain) ? domain : ''
}

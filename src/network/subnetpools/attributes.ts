// The attributes of subnet pools, address scopes and address groups.
import { fixed, guarded, settable, shown, type Attributes, type Read } from '../api/attribute.ts'
import { boolean, ipVersion, listOf, notBlank, notNegative, orNull, shownAs, text, uuid } from '../api/readers.ts'
import { formatCidr, formatIp, parseCidr } from '../addresses/addresses.ts'
import { invalidAttribute } from '../faults.ts'

export const prefixList: Read = listOf((value, name) => {
  const cidr = typeof value === 'string' ? parseCidr(value) : null
  if (!cidr) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid IP subnet`)
  return formatCidr(cidr)
}, 1000)

/** Members of an address group: a prefix each, kept as it was given. */
export const addressList: Read = listOf((value, name) => {
  const cidr = typeof value === 'string' && value.includes('/') ? parseCidr(value) : null
  if (!cidr) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid IP subnet`)
  return `${formatIp(cidr.version, cidr.address)}/${cidr.length}`
}, 1000)

export const subnetpoolAttributes: Attributes = {
  id: shown,
  name: settable(notBlank(255)),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  prefixes: settable(prefixList),
  default_quota: settable(orNull(notNegative), { default: undefined }),
  ip_version: shown,
  default_prefixlen: settable(notNegative, { default: undefined }),
  min_prefixlen: settable(notNegative, { default: undefined }),
  max_prefixlen: settable(notNegative, { default: undefined }),
  is_default: settable(boolean, { default: false, ...guarded }),
  shared: fixed(boolean, { default: false, ...guarded }),
  address_scope_id: settable(orNull(uuid), { default: undefined, refers: 'address_scope' }),
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
}

export const addressScopeAttributes: Attributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  shared: settable(boolean, { default: false, ...guarded }),
  ip_version: fixed(ipVersion),
}

export const addressGroupAttributes: Attributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  description: settable(text(255), { default: '' }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  addresses: fixed(addressList, { default: [] }),
}

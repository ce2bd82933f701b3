// The attributes of subnet pools.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import { boolean, listOf, notBlank, notNegative, orNull, shownAs, text, uuid } from '../api/readers.ts'
import { formatCidr, parseCidr } from '../addresses/addresses.ts'
import { invalidAttribute } from '../faults.ts'

export const prefixList = listOf((value, name) => {
  const cidr = typeof value === 'string' ? parseCidr(value) : null
  if (!cidr) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid IP subnet`)
  return formatCidr(cidr)
}, 1000)

export const subnetpoolAttributes = {
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
} satisfies Attributes

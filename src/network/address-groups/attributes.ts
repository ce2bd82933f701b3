// The attributes of address groups.
import { fixed, settable, shown, type Attributes } from '../api/attribute.ts'
import { listOf, shownAs, text } from '../api/readers.ts'
import { formatIp, parseCidr } from '../addresses/addresses.ts'
import { invalidAttribute } from '../faults.ts'

/** Members of an address group: a prefix each, kept as it was given. */
export const addressList = listOf((value, name) => {
  const cidr = typeof value === 'string' && value.includes('/') ? parseCidr(value) : null
  if (!cidr) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid IP subnet`)
  return `${formatIp(cidr.version, cidr.address)}/${cidr.length}`
}, 1000)

export const addressGroupAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  description: settable(text(255), { default: '' }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  addresses: fixed(addressList, { default: [] }),
} satisfies Attributes

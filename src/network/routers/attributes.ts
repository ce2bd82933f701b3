// The attributes of routers.
import { changeable, fixed, guarded, settable, shown, type Attributes, type Read } from '../api/attribute.ts'
import { boolean, hostRoutes, ip, isObject, listOf, orNull, shownAs, text, uuid } from '../api/readers.ts'
import { invalidAttribute } from '../faults.ts'
import type { FixedIpRequest } from '../addresses/ipam.ts'
import { zoneHints } from '../networks/attributes.ts'

const externalFixedIps = listOf((item, name): FixedIpRequest => {
  if (!isObject(item)) throw invalidAttribute(name, `Invalid data format for fixed IP: '${shownAs(item)}'`)
  return {
    ...(item['subnet_id'] === undefined ? {} : { subnet_id: uuid(item['subnet_id'], name) }),
    ...(item['ip_address'] === undefined || item['ip_address'] === null ? {} : { ip_address: ip(item['ip_address'], name) }),
  }
}, 50)

export interface GatewayInfo {
  network_id: string
  enable_snat?: boolean
  external_fixed_ips?: FixedIpRequest[]
}

/** null and {} both mean no gateway. */
const gatewayInfo: Read<GatewayInfo | null> = (value, name) => {
  if (value === null) return null
  if (!isObject(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a dictionary`)
  if (Object.keys(value).length === 0) return null
  const unknown = Object.keys(value).filter((key) => !['network_id', 'enable_snat', 'external_fixed_ips'].includes(key))
  if (unknown.length > 0) throw invalidAttribute(name, `Unrecognized attribute(s) '${unknown.join(', ')}'`)
  if (value['network_id'] === undefined)
    throw invalidAttribute(name, "Validation of dictionary's keys failed. Expected keys: {'network_id'}")
  return {
    network_id: uuid(value['network_id'], name),
    ...(value['enable_snat'] === undefined ? {} : { enable_snat: boolean(value['enable_snat'], name) }),
    ...(value['external_fixed_ips'] === undefined
      ? {}
      : { external_fixed_ips: externalFixedIps(value['external_fixed_ips'] ?? 'None', name) }),
  }
}

export const routerAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  admin_state_up: settable(boolean, { default: true }),
  status: shown,
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  external_gateway_info: settable(gatewayInfo, { default: null, ...guarded, refers: 'own' }),
  distributed: settable(orNull(boolean), { default: undefined, ...guarded }),
  ha: settable(orNull(boolean), { default: undefined, ...guarded }),
  routes: changeable(hostRoutes),
  flavor_id: fixed(orNull(uuid), { default: undefined }),
  availability_zone_hints: fixed(zoneHints, { default: [] }),
  availability_zones: shown,
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes

// The attributes of ports.
import { badRequest } from '../../platform/errors.ts'
import { fixed, guarded, settable, shown, type Attributes, type Read } from '../api/attribute.ts'
import {
  boolean,
  dnsName,
  integer,
  ip,
  isObject,
  listOf,
  mac,
  object,
  oneOf,
  orNull,
  shownAs,
  text,
  uuid,
  uuidList,
} from '../api/readers.ts'
import { canonicalIp, formatIp, parseCidr } from '../addresses/addresses.ts'
import { invalidAttribute, invalidInput } from '../faults.ts'
import type { FixedIpRequest } from '../addresses/ipam.ts'
import type { AddressPair, DhcpOption } from '../store/tables.ts'

const fixedIps: Read<FixedIpRequest[]> = (value, name) => {
  // null means neither the default nor none: a user who wants none sends an empty list
  if (value === null) throw invalidAttribute(name, "Invalid data format for fixed IP: 'None'")
  const list = listOf((item): FixedIpRequest => {
    if (!isObject(item)) throw invalidAttribute(name, `Invalid data format for fixed IP: '${shownAs(item)}'`)
    return {
      ...(item['subnet_id'] === undefined ? {} : { subnet_id: uuid(item['subnet_id'], name) }),
      ...(item['ip_address'] === undefined || item['ip_address'] === null ? {} : { ip_address: ip(item['ip_address'], name) }),
    }
  }, 50)(value, name)
  const addresses = list.flatMap(({ ip_address }) => ip_address ?? [])
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index)
  if (twice !== undefined) throw invalidAttribute(name, `Duplicate IP address '${twice}'`)
  return list
}

const maxAddressPairs = 10

const addressPairs: Read<AddressPair[]> = (value, name) => {
  const pairs = listOf((item): AddressPair => {
    if (!isObject(item)) throw badRequest(`'${shownAs(item)}' is not a dictionary`, { type: 'HTTPBadRequest' })
    const unknown = Object.keys(item).filter((key) => key !== 'ip_address' && key !== 'mac_address')
    if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`, { type: 'HTTPBadRequest' })
    const address = item['ip_address']
    if (address === undefined) throw badRequest('AllowedAddressPair must contain ip_address', { type: 'AllowedAddressPairsMissingIP' })
    return { ip_address: addressOrPrefix(address), ...(item['mac_address'] ? { mac_address: mac(item['mac_address'], name) } : {}) }
  })(value, name)
  if (pairs.length > maxAddressPairs)
    throw badRequest(`The number of allowed address pair exceeds the maximum ${maxAddressPairs}.`, { type: 'AllowedAddressPairExhausted' })
  const seen = new Set<string>()
  for (const { ip_address, mac_address } of pairs) {
    if (seen.has(`${ip_address} ${mac_address}`)) {
      throw badRequest(`Request contains duplicate address pair: mac_address ${mac_address ?? 'None'} ip_address ${ip_address}.`, {
        type: 'DuplicateAddressPairInRequest',
      })
    }
    seen.add(`${ip_address} ${mac_address}`)
  }
  return pairs
}

function addressOrPrefix(value: unknown): string {
  const cidr = typeof value === 'string' ? parseCidr(value) : null
  if (!cidr)
    throw badRequest(`'${shownAs(value)}' is not a valid IP ${String(value).includes('/') ? 'subnet' : 'address'}`, {
      type: 'HTTPBadRequest',
    })
  return String(value).includes('/') ? `${formatIp(cidr.version, cidr.first)}/${cidr.length}` : canonicalIp(String(value))
}

/**
 * Names and values of DHCP options end up in a server's configuration: one line, printable, nothing that could end an
 * option or begin another (attack-24).
 */
const oneLine =
  (maxLength: number) =>
  (value: unknown): value is string =>
    typeof value === 'string' && value.length > 0 && value.length <= maxLength && /^[\x20-\x7e]*$/.test(value)
const isOptionName = oneLine(64)
const isOptionValue = oneLine(255)

const dhcpOptions: Read<DhcpOption[]> = (value, name) => {
  if (value === null) return []
  const options = listOf((item): DhcpOption => {
    const bad = () => invalidInput(`No valid key specs matched for: ${shownAs(item)}`)
    if (!isObject(item)) throw bad()
    const { opt_name: optName, opt_value: optValue } = item
    if (!isOptionName(optName) || !/^[A-Za-z0-9_:-]+$/.test(optName)) throw bad()
    const mayBeEmpty = (optName === 'router' || optName === 'classless-static-route') && optValue === ''
    if (optValue !== null && !mayBeEmpty && !isOptionValue(optValue)) throw bad()
    const version = item['ip_version'] === undefined ? 4 : oneOf([4, 6])(integer(item['ip_version'], name), name)
    return { opt_name: optName, opt_value: optValue, ip_version: version }
  }, 100)(value, name)
  const keys = options.map(({ opt_name, ip_version }) => `${opt_name}/${ip_version}`)
  if (new Set(keys).size !== keys.length) throw invalidAttribute(name, 'Duplicate DHCP options')
  return options
}

const vnicTypes = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
]

const profile: Read<Record<string, unknown>> = (value, name) => {
  const read = value === null ? {} : object(value, name)
  if (JSON.stringify(read).length > 4095) throw invalidInput('binding:profile value too large')
  return read
}

export const portAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  network_id: fixed(uuid, { refers: 'target' }),
  admin_state_up: settable(boolean, { default: true }),
  mac_address: settable(orNull(mac), { default: undefined, ...guarded }),
  fixed_ips: settable(fixedIps, { default: undefined, ...guarded, refers: 'own' }),
  device_id: settable(text(255), { default: '', ...guarded }),
  device_owner: settable(text(255), { default: '', ...guarded }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  status: shown,
  security_groups: settable(uuidList, { default: undefined, refers: 'security_group' }),
  port_security_enabled: settable(boolean, { default: undefined, ...guarded }),
  'binding:vnic_type': settable(oneOf(vnicTypes), { default: 'normal', ...guarded }),
  'binding:host_id': settable(orNull(text(255)), { default: undefined, ...guarded }),
  'binding:profile': settable(profile, { default: undefined, ...guarded }),
  'binding:vif_type': shown,
  'binding:vif_details': shown,
  allowed_address_pairs: settable(addressPairs, { default: undefined, ...guarded }),
  extra_dhcp_opts: settable(dhcpOptions, { default: [] }),
  dns_name: settable(dnsName, { default: '' }),
  dns_assignment: shown,
  ip_allocation: shown,
  description: settable(text(255), { default: '' }),
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes

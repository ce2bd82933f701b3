// The attributes of security groups and their rules.
import { badRequest } from '../../platform/errors.ts'
import { fixed, settable, shown, type Attributes, type Read } from '../api/attribute.ts'
import { boolean, oneOf, orNull, shownAs, text } from '../api/readers.ts'
import { readProtocol } from './rule.ts'

export const securityGroupAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  stateful: settable(boolean, { default: true }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  description: settable(text(255), { default: '' }),
  security_group_rules: shown,
  shared: shown,
  tags: shown,
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes

const ethertype: Read<'IPv4' | 'IPv6'> = (value) => {
  const found = (['IPv4', 'IPv6'] as const).find((known) => known.toLowerCase() === String(value).toLowerCase())
  if (!found)
    throw badRequest(`Security group rule for ethertype '${shownAs(value)}' not supported. Allowed values are ['IPv4', 'IPv6'].`, {
      type: 'SecurityGroupRuleInvalidEtherType',
    })
  return found
}

const port: Read<number | null> = (value) => {
  if (value === null) return null
  const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0 || number > 65535)
    throw badRequest(`Invalid value for port ${shownAs(value)}`, { type: 'SecurityGroupInvalidPortValue' })
  return number
}

const prefix: Read<string | null> = (value, name) => (value === null || value === '' ? null : text(64)(value, name))

export const securityGroupRuleAttributes = {
  id: shown,
  security_group_id: fixed(text(36), { refers: 'target' }),
  remote_group_id: fixed(orNull(text(36)), { default: null, refers: 'security_group' }),
  remote_address_group_id: fixed(orNull(text(36)), { default: null, refers: 'address_group' }),
  direction: fixed(oneOf(['ingress', 'egress'])),
  protocol: fixed(readProtocol, { default: null }),
  port_range_min: fixed(port, { default: null }),
  port_range_max: fixed(port, { default: null }),
  ethertype: fixed((value, name) => ethertype(value ?? 'IPv4', name), { default: 'IPv4' }),
  remote_ip_prefix: fixed(prefix, { default: null }),
  normalized_cidr: shown,
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  description: fixed(text(255), { default: '' }),
  created_at: shown,
  updated_at: shown,
  revision_number: shown,
} satisfies Attributes

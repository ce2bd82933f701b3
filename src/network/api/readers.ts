// Readers of attribute values: each checks, converts to the canonical form and refuses in Neutron's words.
import { readBoolean } from '../../platform/api/words.ts'
import { badRequest } from '../../platform/errors.ts'
import { isUuidLike } from '../../platform/ids.ts'
import { canonicalIp, formatIp, parseCidr, parseIp } from '../addresses/addresses.ts'
import { invalidAttribute, invalidInput } from '../faults.ts'
import type { Read } from './attribute.ts'

/** How Neutron's messages show a value. */
export const shownAs = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  return JSON.stringify(value)
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text =
  (maxLength: number): Read<string> =>
  (value, name) => {
    if (typeof value !== 'string') throw invalidAttribute(name, `'${shownAs(value)}' is not a valid string`)
    if (value.length > maxLength) throw invalidAttribute(name, `'${value}' exceeds maximum length of ${maxLength}`)
    // PostgreSQL has no such text, and no name needs it
    if (value.includes('\u0000')) throw invalidAttribute(name, 'the value contains a NUL character')
    return value
  }

export const notBlank =
  (maxLength: number): Read<string> =>
  (value, name) => {
    const read = text(maxLength)(value, name)
    if (read.trim() === '') throw invalidAttribute(name, `'${read}' Blank strings are not permitted`)
    return read
  }

export const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value, name) =>
    value === null ? null : read(value, name)

export const uuid: Read<string> = (value, name) => {
  if (typeof value !== 'string' || !isUuidLike(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid UUID`)
  return value
}

export const boolean: Read<boolean> = (value) => {
  const read = isObject(value) || Array.isArray(value) ? null : readBoolean(value)
  if (read === null) throw invalidInput(`'${shownAs(value)}' cannot be converted to boolean`)
  return read
}

export const integer: Read<number> = (value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (typeof value === 'string' && /^\s*[-+]?\d{1,15}\s*$/.test(value)) return Number(value)
  throw invalidInput(`'${shownAs(value)}' is not an integer`)
}

export const notNegative: Read<number> = (value, name) => {
  const read = integer(value, name)
  if (read < 0) throw invalidAttribute(name, `'${read}' should be non-negative`)
  if (read > 0x7fffffff) throw invalidAttribute(name, `'${read}' is too large - must be no larger than '${0x7fffffff}'`)
  return read
}

export const oneOf =
  <const T>(values: readonly T[]): Read<T> =>
  (value, name) => {
    const at = (values as readonly unknown[]).indexOf(value)
    if (at < 0) throw invalidAttribute(name, `${shownAs(value)} is not in valid_values`)
    return values[at] as T
  }

export const ipVersion: Read<4 | 6> = (value, name) => oneOf([4, 6])(integer(value, name), name)

export const ip: Read<string> = (value, name) => {
  if (typeof value !== 'string' || !parseIp(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid IP address`)
  return canonicalIp(value)
}

/** A prefix, canonical with its host bits cut off. */
export const cidr: Read<string> = (value) => {
  const parsed = typeof value === 'string' ? parseCidr(value) : null
  if (!parsed) throw invalidInput(`${shownAs(value)} is not in a CIDR format`)
  return `${formatIp(parsed.version, parsed.first)}/${parsed.length}`
}

export const mac: Read<string> = (value, name) => {
  const plain = typeof value === 'string' ? value.replaceAll(/[:.-]/g, '').toLowerCase() : ''
  const valid = typeof value === 'string' && /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value) && plain !== '000000000000'
  // the first octet's lowest bit marks groups: no port may have such an address
  if (!valid) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid MAC address`)
  return plain.replace(/(..)(?=.)/g, '$1:')
}

export const object: Read<Record<string, unknown>> = (value, name) => {
  if (!isObject(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a dictionary`)
  return value
}

/** A list of at most `max`, null standing for the empty one; every entry read. */
export const listOf =
  <T>(read: Read<T>, max = 500): Read<T[]> =>
  (value, name) => {
    if (value === null) return []
    if (!Array.isArray(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a list`)
    if (value.length > max) throw invalidAttribute(name, `the list has ${value.length} items, at most ${max} are allowed`)
    return value.map((item) => read(item, name))
  }

const distinct =
  <T>(read: Read<T[]>, complaint: (item: T) => string): Read<T[]> =>
  (value, name) => {
    const items = read(value, name)
    const seen = new Set<string>()
    for (const item of items) {
      const key = JSON.stringify(item)
      if (seen.has(key)) throw invalidAttribute(name, complaint(item))
      seen.add(key)
    }
    return items
  }

export const uuidList = distinct(listOf(uuid), (item) => `Duplicate items in the list: '${shownAs(item)}'`)

export const nameservers = distinct(
  listOf((value, name) => {
    const bad = shownAs(value)
    if (typeof value !== 'string' || !parseIp(value))
      throw invalidAttribute(name, `'${bad}' is not a valid nameserver. '${bad}' is not a valid IP address`)
    return canonicalIp(value)
  }),
  (item) => `Duplicate nameserver '${shownAs(item)}'`,
)

/** Where a route leads: a network's own address, not one within it, and none that never leaves the machine. */
const routeCidr: Read<string> = (value, name) => {
  const parsed = typeof value === 'string' && value.includes('/') ? parseCidr(value) : null
  if (!parsed || parsed.first !== parsed.address) throw invalidAttribute(name, `'${shownAs(value)}' is not a valid CIDR`)
  const isLoopback = parsed.version === 4 ? parsed.first >> 24n === 127n : parsed.first === 1n
  if (isLoopback) throw invalidAttribute(name, `'${shownAs(value)}' is not a routable CIDR`)
  return `${formatIp(parsed.version, parsed.first)}/${parsed.length}`
}

export const hostRoutes = distinct(
  listOf((value, name) => {
    if (!isObject(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a dictionary`)
    const keys = Object.keys(value).sort()
    if (keys.join() !== 'destination,nexthop') {
      throw invalidAttribute(
        name,
        `Validation of dictionary's keys failed. Expected keys: {'destination', 'nexthop'} Provided keys: {${keys.map((key) => `'${key}'`).join(', ')}}`,
      )
    }
    const { destination, nexthop } = value
    return { destination: routeCidr(destination, name), nexthop: ip(nexthop, name) }
  }),
  (item) => `Duplicate hostroute '${shownAs(item)}'`,
)

export const ipPools = listOf((value, name) => {
  const keys = isObject(value) ? Object.keys(value).sort() : []
  if (!isObject(value)) throw invalidAttribute(name, `'${shownAs(value)}' is not a dictionary`)
  if (keys.join() !== 'end,start') {
    throw invalidAttribute(
      name,
      `Validation of dictionary's keys failed. Expected keys: {'start', 'end'} Provided keys: {${keys.map((key) => `'${key}'`).join(', ')}}`,
    )
  }
  return { start: ip(value['start'], name), end: ip(value['end'], name) }
})

const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** A host name of a port or a zone, lower case; '' is none. */
export const dnsName: Read<string> = (value, name) => {
  const read = text(255)(value, name).toLowerCase()
  if (read === '') return read
  for (const label of read.replace(/\.$/, '').split('.')) {
    if (!hostLabel.test(label)) {
      throw invalidAttribute(
        name,
        `'${read}' not a valid PQDN or FQDN. Reason: Name '${label}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen`,
      )
    }
  }
  return read
}

/** A whole domain: ends in a dot. */
export const dnsDomain: Read<string> = (value, name) => {
  const read = dnsName(value, name)
  if (read !== '' && !read.endsWith('.')) throw invalidAttribute(name, `'${read}' is not a FQDN`)
  return read
}

export const malformed = (message: string) => badRequest(message, { type: 'HTTPBadRequest' })

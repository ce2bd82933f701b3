// Metadata in headers: what one request may bring, what all of an account's or container's may be together, what only the owner sets.
import type { Headers } from './answer.ts'
import { byteLength } from './path.ts'
import { limits } from './limits.ts'
import { SwiftRefusal } from './refusals.ts'

export type Target = 'account' | 'container' | 'object'

type Sent = Record<string, string | undefined>

/** Refuses metadata (and any header) that is too much, in the words that clients know. */
export function checkMetadata(headers: Sent, target: Target): void {
  const prefix = `x-${target}-meta-`
  let count = 0
  let bytes = 0
  for (const header in headers) {
    const value = headers[header] ?? ''
    if (byteLength(value) > limits.headerBytes)
      throw new SwiftRefusal(400, `Header value too long: ${header.slice(0, limits.metaNameLength)}`)
    if (!header.startsWith(prefix)) continue
    const name = header.slice(prefix.length)
    if (name === '') throw new SwiftRefusal(400, 'Metadata name cannot be empty')
    if (value.includes('\0')) throw new SwiftRefusal(400, 'Metadata must be valid UTF-8')
    count++
    bytes += byteLength(name) + byteLength(value)
    if (byteLength(name) > limits.metaNameLength) throw new SwiftRefusal(400, `Metadata name too long: ${header}`)
    if (byteLength(value) > limits.metaValueLength)
      throw new SwiftRefusal(400, `Metadata value longer than ${limits.metaValueLength}: ${header}`)
    if (count > limits.metaCount) throw new SwiftRefusal(400, `Too many metadata items; max ${limits.metaCount}`)
    if (bytes > limits.metaBytes) throw new SwiftRefusal(400, `Total metadata too large; max ${limits.metaBytes}`)
  }
}

/** The user's metadata of a request, by whole lower-case header names. */
export function metadataOf(headers: Sent, target: Target): Headers {
  const prefix = `x-${target}-meta-`
  const found: Headers = {}
  for (const header in headers) if (header.startsWith(prefix)) found[header] = headers[header] ?? ''
  return found
}

/** The user's metadata and these headers as a change: an empty value takes away, and so does X-Remove-… */
export function changesOf(headers: Sent, target: 'account' | 'container', others: readonly string[]): Headers {
  const changes = metadataOf(headers, target)
  for (const name of others) {
    const value = headers[name]
    if (value !== undefined) changes[name] = value
  }
  const removal = `x-remove-${target}-`
  for (const header in headers) {
    if (!header.startsWith('x-remove-')) continue
    const name = `x-${header.slice('x-remove-'.length)}`
    if ((header.startsWith(`${removal}meta-`) || others.includes(name)) && changes[name] === undefined) changes[name] = ''
  }
  return changes
}

/** All metadata that there would be then, of which one of an account or a container may not have too much. */
export function checkMerged(before: Headers, changes: Headers, target: 'account' | 'container'): void {
  const prefix = `x-${target}-meta-`
  let count = 0
  let bytes = 0
  for (const [header, value] of Object.entries({ ...before, ...changes })) {
    if (!header.startsWith(prefix) || value === '') continue
    count++
    bytes += byteLength(header) - prefix.length + byteLength(value)
  }
  if (count > limits.metaCount) throw new SwiftRefusal(400, `Too many metadata items; max ${limits.metaCount}`)
  if (bytes > limits.metaBytes) throw new SwiftRefusal(400, `Total metadata too large; max ${limits.metaBytes}`)
}

const ownersOnly = new Set([
  'x-container-read',
  'x-container-write',
  'x-container-sync-key',
  'x-container-sync-to',
  'x-account-meta-temp-url-key',
  'x-account-meta-temp-url-key-2',
  'x-container-meta-temp-url-key',
  'x-container-meta-temp-url-key-2',
  'x-account-access-control',
])

/** Others neither set nor see them. */
export function withoutOwners(headers: Headers, isOwner: boolean): Headers {
  if (isOwner) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownersOnly.has(name)))
}

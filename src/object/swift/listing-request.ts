// What a listing is asked for: parameters and format, checked as Swift checks them.
import type { Listing } from '../engine/index.ts'
import { listingType, type ListingType } from './accept.ts'
import { limits } from './limits.ts'
import { isTrue } from './query.ts'
import { SwiftRefusal } from './refusals.ts'
import type { SwiftRequest } from './request.ts'

/** The type to answer a GET or HEAD of an account or container in; 406 and 400 where there is none. */
export function listingTypeOf({ query, headers }: SwiftRequest): ListingType {
  const type = listingType(query.get('format'), headers['accept'])
  if (type === 'malformed') throw new SwiftRefusal(400, 'Invalid Accept header')
  if (type === 'none') throw new SwiftRefusal(406)
  return type
}

/** With the user's metadata in the lines: `?metadata=true`. */
export const wantsMetadata = ({ query }: SwiftRequest): boolean => isTrue(query.get('metadata'))

export function listingOf({ query }: SwiftRequest): Listing {
  if (query.isUnfit) throw new SwiftRefusal(400, 'parameter not valid UTF-8')
  const text = (name: string): string | undefined => query.get(name) || undefined
  const listing: Listing = { limit: limitOf(query.get('limit')) }
  const found = { prefix: text('prefix'), delimiter: text('delimiter'), marker: text('marker'), endMarker: text('end_marker') }
  for (const [name, value] of Object.entries(found)) if (value !== undefined) Object.assign(listing, { [name]: value })
  const path = query.get('path')
  if (path !== null) listing.path = path
  if (isTrue(query.get('reverse'))) listing.reverse = true
  return listing
}

/** What is no number does not count; more than a page is refused. */
function limitOf(text: string | null): number {
  if (text === null || !/^\d+$/.test(text)) return limits.listing
  const limit = text.length > 9 ? Number.MAX_SAFE_INTEGER : Number(text)
  if (limit > limits.listing) throw new SwiftRefusal(412, `Maximum limit is ${limits.listing}`)
  return limit
}

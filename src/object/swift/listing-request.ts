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
  const isReversed = isTrue(query.get('reverse'))
  const listing: Listing = { limit: limitOf(query.get('limit')) }
  // no name holds NUL, and no database is given one
  if (['prefix', 'path'].some((name) => query.get(name)?.includes('\0'))) return { limit: 0 }
  const found = {
    prefix: text('prefix'),
    delimiter: text('delimiter'),
    marker: end(text('marker'), isReversed),
    endMarker: end(text('end_marker'), !isReversed),
  }
  for (const [name, value] of Object.entries(found)) if (value !== undefined) Object.assign(listing, { [name]: value })
  const path = query.get('path')
  if (path !== null) listing.path = path
  if (isReversed) listing.reverse = true
  return listing
}

/** No name holds NUL; as an end of a stretch it stands right behind what comes before it, and that is how clients use it. */
function end(marker: string | undefined, isUpper: boolean): string | undefined {
  const nul = marker?.indexOf('\0') ?? -1
  if (marker === undefined || nul < 0) return marker
  return marker.slice(0, nul) + (isUpper ? '\u0001' : '')
}

/** What is no number does not count; more than a page is refused. */
function limitOf(text: string | null): number {
  if (text === null || !/^\d+$/.test(text)) return limits.listing
  const limit = text.length > 9 ? Number.MAX_SAFE_INTEGER : Number(text)
  if (limit > limits.listing) throw new SwiftRefusal(412, `Maximum limit is ${limits.listing}`)
  return limit
}

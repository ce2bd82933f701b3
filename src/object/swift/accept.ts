// Which format a listing is answered in: the parameter `format` decides, else Accept. The parser looks at each sign once, so that no
// header makes it work for long (CVE-2026-71190 is about one that did not).

const offered = ['text/plain', 'application/json', 'application/xml', 'text/xml'] as const

export type ListingType = (typeof offered)[number]

const mostWishes = 100

interface Wish {
  type: string
  subtype: string
  quality: number
}

// a token of RFC 2616
const token = /^[^()<>@,;:\\"/[\]?={}\s]+$/
const number = /^(?:\d{1,3}|\d{0,3}\.\d{1,6})$/

/** One media range of an Accept header; null when it cannot be read. */
function wishOf(text: string): Wish | null {
  const [range = '', ...parameters] = text.split(';')
  const slash = range.indexOf('/')
  const type = range.slice(0, Math.max(0, slash)).trim()
  const subtype = range.slice(slash + 1).trim()
  if (slash < 0 || !token.test(type) || !token.test(subtype)) return null
  let quality: number | undefined
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    const name = parameter.slice(0, Math.max(0, equals)).trim()
    const value = parameter.slice(equals + 1).trim()
    if (equals < 0 || !token.test(name) || value === '') return null
    if (name !== 'q') continue
    if (quality !== undefined || !number.test(value)) return null
    quality = Number(value)
  }
  return { type, subtype, quality: quality ?? 1 }
}

const hasStar = ({ type, subtype }: Wish): boolean => type === '*' || subtype === '*'

const fits = ({ type, subtype }: Wish, offer: string): boolean => {
  const [offeredType, offeredSubtype] = offer.split('/')
  return (type === '*' || type === offeredType) && (subtype === '*' || subtype === offeredSubtype)
}

/** The type to answer in, 'malformed' (400) or 'none' (406). */
export function listingType(format: string | null, accept: string | undefined): ListingType | 'malformed' | 'none' {
  if (format !== null && format !== '') {
    const name = format.toLowerCase()
    return name === 'json' ? 'application/json' : name === 'xml' ? 'application/xml' : 'text/plain'
  }
  if (accept === undefined || accept.trim() === '') return 'text/plain'
  const wishes: Wish[] = []
  for (const text of accept.split(',', mostWishes)) {
    const wish = wishOf(text)
    if (!wish) return 'malformed'
    if (wish.quality > 0) wishes.push(wish)
  }
  // the most wanted first; of the same worth what is named before what a star stands for
  wishes.sort((a, b) => b.quality - a.quality || Number(hasStar(a)) - Number(hasStar(b)))
  for (const wish of wishes) for (const offer of offered) if (fits(wish, offer)) return offer
  return 'none'
}

// An operator's pattern, read as Python's re.match reads it: at the beginning of the text. Look-aheads that stand before
// everything else, as patterns for passwords have them (`^(?=.*\d)(?=.*[a-z]).{7,}$`), are patterns of their own, all
// of which must hold: so one engine whose time is linear is enough.
import { RE2JS } from 're2js'

interface Part {
  pattern: RE2JS
  wanted: boolean
}

export interface MatchPattern {
  matches(text: string): boolean
}

/** Throws when the pattern cannot be read. */
export function matchPattern(source: string): MatchPattern {
  const parts = partsOf(source).map(({ text, wanted }): Part => ({ pattern: RE2JS.compile(text), wanted }))
  return { matches: (text) => parts.every(({ pattern, wanted }) => pattern.matcher(text).lookingAt() === wanted) }
}

/** The leading look-aheads, then what is left. */
function partsOf(source: string): { text: string; wanted: boolean }[] {
  const parts: { text: string; wanted: boolean }[] = []
  let rest = source.startsWith('^') ? source.slice(1) : source
  while (/^\(\?[=!]/.test(rest)) {
    const end = closing(rest)
    parts.push({ text: rest.slice(3, end), wanted: rest[2] === '=' })
    rest = rest.slice(end + 1)
  }
  return [...parts, { text: rest, wanted: true }]
}

/** Where the group that begins the text ends; sets and escapes do not count. */
function closing(text: string): number {
  let depth = 0
  let inSet = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\') at++
    else if (inSet) inSet = sign !== ']' || text[at - 1] === '[' || text.slice(at - 2, at) === '[^'
    else if (sign === '[') inSet = true
    else if (sign === '(') depth++
    else if (sign === ')' && --depth === 0) return at
  }
  throw new Error('a group is not closed')
}

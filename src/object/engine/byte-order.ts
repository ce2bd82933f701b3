// Names in the order of their UTF-8 bytes, which is that of code points: JavaScript's own order is wrong above U+FFFF.

const firstSurrogate = 0xd800
const lastSurrogate = 0xdfff
const lastCodePoint = 0x10ffff

/** The first name behind all that begin with `prefix`; undefined when all that follow do. */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix)
  for (;;) {
    const last = points.pop()?.codePointAt(0)
    if (last === undefined) return undefined
    if (last === lastCodePoint) continue
    const next = last + 1
    return points.join('') + String.fromCodePoint(next >= firstSurrogate && next <= lastSurrogate ? lastSurrogate + 1 : next)
  }
}

export const compareBytes = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))

/** The later of two names; undefined is before all. */
export const later = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && compareBytes(one, other) < 0) ? other : one

/** The earlier of two names; undefined is behind all. */
export const earlier = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && compareBytes(one, other) > 0) ? other : one

// The Range header by Swift's rules: what is wrong in it makes it as if it were not there, what cannot be had is refused, and so
// is what nobody asks for but to make a server work (more than 50 ranges, 2 overlaps, 8 out of order).

/** first byte, and the one after the last */
export type Span = [start: number, end: number]

const mostRanges = 50
const mostOverlaps = 2
const mostUnordered = 8
/** of the header: fifty ranges with digits to spare */
const longestHeader = 8192

type Asked = [first: number | null, last: number | null]

const digits = /^\d{1,15}$/

/** The header's ranges as they stand there; null when one is wrong. */
function parse(header: string): Asked[] | null {
  if (header.length > longestHeader) return null
  const compact = header.replaceAll(' ', '')
  if (!compact.toLowerCase().startsWith('bytes=')) return null
  const asked: Asked[] = []
  for (const part of compact.slice('bytes='.length).split(',')) {
    const dash = part.indexOf('-')
    if (dash < 0) return null
    const [first, last] = [part.slice(0, dash), part.slice(dash + 1)]
    if (first === '' && last === '') return null
    if ((first !== '' && !digits.test(first)) || (last !== '' && !digits.test(last))) return null
    if (first !== '' && last !== '' && Number(first) > Number(last)) return null
    asked.push([first === '' ? null : Number(first), last === '' ? null : Number(last)])
  }
  return asked
}

/** Which spans of so many bytes are asked for: null for all of them (no header, or one that does not count), an empty list for none (416). */
export function spansOf(header: string | undefined, bytes: number): Span[] | null {
  const asked = header === undefined ? null : parse(header)
  if (!asked) return null
  const spans: Span[] = []
  for (const [first, last] of asked) {
    if (first === null) {
      if (last !== null && last > 0) spans.push([Math.max(0, bytes - last), bytes])
    } else if (first < bytes) spans.push([first, last === null ? bytes : Math.min(last + 1, bytes)])
  }
  if (isUnreasonable(spans)) return []
  // the end of nothing is nothing: all of it
  return bytes === 0 && spans.length > 0 ? null : spans
}

function isUnreasonable(spans: Span[]): boolean {
  if (spans.length > mostRanges) return true
  let overlaps = 0
  for (const [index, [start, end]] of spans.entries()) {
    for (const [otherStart, otherEnd] of spans.slice(index + 1)) {
      const overlap =
        (start < otherStart && otherStart < end) ||
        (start < otherEnd && otherEnd < end) ||
        (otherStart < start && start < otherEnd) ||
        (otherStart < end && end < otherEnd)
      if (overlap && ++overlaps > mostOverlaps) return true
    }
  }
  const isOrdered = spans.every(([start, end], index) => {
    const before = spans[index - 1]
    return !before || before[0] < start || (before[0] === start && before[1] <= end)
  })
  return !isOrdered && spans.length >= mostUnordered
}

export const contentRange = ([start, end]: Span, bytes: number): string => `bytes ${start}-${end - 1}/${bytes}`

/** The lines before one part of a multipart answer, and what comes after the last. */
export const partHead = (boundary: string, contentType: string, span: Span, bytes: number): string =>
  `--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: ${contentRange(span, bytes)}\r\n\r\n`
export const partsEnd = (boundary: string): string => `--${boundary}--`

/** The exact length of an answer of several parts. */
export function multipartBytes(spans: Span[], boundary: string, { contentType, bytes }: { contentType: string; bytes: number }): number {
  let sum = partsEnd(boundary).length
  for (const span of spans) sum += Buffer.byteLength(partHead(boundary, contentType, span, bytes)) + (span[1] - span[0]) + 2
  return sum
}

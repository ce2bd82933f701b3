// The Range header of a download: one range of bytes; several, or none that makes sense, are answered as RFC 9110 says.
import { ApiError } from '../../platform/errors.ts'

/** What to send (end is exclusive); null: the whole, also when the header is something else than one range of bytes. */
export function byteRange(header: string | undefined, sizeBytes: number): { start: number; end: number } | null {
  if (header === undefined) return null
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim())
  if (!match || (match[1] === '' && match[2] === '')) return null
  const [first = '', last = ''] = match.slice(1)
  const start = first === '' ? Math.max(sizeBytes - Number(last), 0) : Number(first)
  const end = first === '' || last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes)
  if (start >= sizeBytes || start >= end) {
    throw new ApiError(
      'range_not_satisfiable',
      `The byte range passed in the 'Range' header did not match any available byte range in the current file.`,
      {
        headers: { 'content-range': `bytes */${sizeBytes}` },
      },
    )
  }
  return { start, end }
}

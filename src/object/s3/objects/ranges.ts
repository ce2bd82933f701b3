// The Range header: one range is heeded, several or a faulty one are as if none had been sent, and one beyond the object is 416.
import { S3Error } from '../errors.ts'

/** end is exclusive */
export interface Range {
  start: number
  end: number
}

export function rangeOf(header: string | undefined, bytes: number): Range | null {
  const parts = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header)
  if (!parts) return null
  const [, first = '', last = ''] = parts
  if (first === '' && last === '') return null
  if (first === '') {
    const count = Number(last)
    if (count === 0) throw unsatisfiable(header, bytes)
    // of an empty object its end is all of it
    if (bytes === 0) return null
    return { start: Math.max(0, bytes - count), end: bytes }
  }
  const start = Number(first)
  const end = last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (last !== '' && Number(last) < start) return null
  if (start >= bytes) throw unsatisfiable(header, bytes)
  return { start, end }
}

const unsatisfiable = (header: string | undefined, bytes: number): S3Error =>
  new S3Error('InvalidRange', undefined, {
    headers: { 'content-range': `bytes */${bytes}` },
    facts: { RangeRequested: header ?? '', ActualObjectSize: bytes },
  })

export const contentRange = ({ start, end }: Range, bytes: number): string => `bytes ${start}-${end - 1}/${bytes}`

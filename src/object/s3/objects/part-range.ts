// Where one part of a multipart object (or of a manifest made by Swift) begins and ends; an object of one piece is its own first part.
import { segmentsOf, type Engine } from '../../engine/index.ts'
import type { SegmentRow, VersionRow } from '../../store/tables.ts'
import { S3Error } from '../errors.ts'
import type { Range } from './ranges.ts'

const pageRows = 1_000

export async function partRange(
  engine: Engine,
  object: VersionRow,
  number: number,
): Promise<{ range: Range | null; headers: Record<string, string> }> {
  if (object.kind !== 'multipart' && object.kind !== 'slo') {
    if (number > 1) throw notThere(1, number)
    return { range: object.bytes === 0 ? null : { start: 0, end: object.bytes }, headers: {} }
  }
  let start = 0
  let count = 0
  let range: Range | null = null
  for (let after = -1; ;) {
    const page = await segmentsOf(engine, object, { after, limit: pageRows })
    for (const segment of page) {
      const bytes = segmentBytes(segment)
      if (++count === number) range = { start, end: start + bytes }
      start += bytes
    }
    const last = page.at(-1)
    if (page.length < pageRows || !last) break
    after = last.number
  }
  if (!range) throw notThere(count, number)
  return { range, headers: { 'x-amz-mp-parts-count': String(count) } }
}

const segmentBytes = ({ bytes, first, last }: SegmentRow): number => (first === null || last === null ? bytes : last - first + 1)

const notThere = (count: number, number: number): S3Error =>
  new S3Error('InvalidPartNumber', undefined, { facts: { ActualPartCount: count, PartNumberRequested: number } })

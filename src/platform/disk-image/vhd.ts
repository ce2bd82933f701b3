// VHD (Virtual PC's format). A dynamic disk repeats its footer at the start; a fixed one has it at the end alone, so
// that its head says nothing. A difference to another disk names its parent, and is refused.
import type { DiskBytes } from './bytes.ts'
import { type Found, safeNumber } from './reading.ts'

const footerBytes = 512
const kinds = { fixed: 2, dynamic: 3, differencing: 4 }

const isFooter = (bytes: Buffer) => bytes.length >= footerBytes && bytes.toString('latin1', 0, 8) === 'conectix'

/** From the head: the footer's copy and the dynamic header that follows. undefined: not one that starts so. */
export function readVhd(head: Buffer): Found | undefined {
  if (!isFooter(head)) return undefined
  const kind = head.readUInt32BE(60)
  const faults: string[] = []
  if (kind === kinds.differencing) faults.push('the image is a difference to another one')
  else if (kind !== kinds.dynamic) faults.push(`vhd kind ${kind} is not supported`)
  const start = safeNumber(head.readBigUInt64BE(16))
  if (start + 1024 > head.length || head.toString('latin1', start, start + 8) !== 'cxsparse')
    faults.push('the dynamic header does not stand at the start of the image')
  // the parent's id, and the places where its name stands
  else if (!isZero(head, start + 40, 16) || !isZero(head, start + 576, 8 * 24)) faults.push('the image names a parent')
  return { virtualSizeBytes: safeNumber(head.readBigUInt64BE(48)), faults }
}

/** From the end: what makes the bytes before it a fixed disk. undefined: no such footer. */
export async function readFixedVhd(bytes: DiskBytes): Promise<Found | undefined> {
  if (bytes.sizeBytes < footerBytes) return undefined
  const footer = await bytes.read(bytes.sizeBytes - footerBytes, footerBytes)
  if (!isFooter(footer)) return undefined
  const kind = footer.readUInt32BE(60)
  return {
    virtualSizeBytes: safeNumber(footer.readBigUInt64BE(48)),
    faults: kind === kinds.fixed ? [] : [`vhd kind ${kind} is not supported`],
  }
}

export const isZero = (bytes: Buffer, start: number, length: number): boolean =>
  bytes.subarray(start, start + length).every((byte) => byte === 0)

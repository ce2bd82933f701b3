// Inspects a whole image that is there: its head again, and what formats keep behind it (a VHDX's metadata, a fixed VHD's
// and a streamed VMDK's footer, a qcow2's tables). The last word on what may be made into a disk, for the image service
// when an upload has come in, and for hosts before an image becomes a base.
import type { DiskBytes } from './bytes.ts'
import { faultsOfTables } from './qcow2-tables.ts'
import { readFixedVhd } from './vhd.ts'
import { readVhdx } from './vhdx.ts'
import { faultsOfVmdkFooter } from './vmdk.ts'
import { faultsOfClaim, faultsOfSize, inspectHeadBytes, inspectImage, paddedHead } from './inspect.ts'
import type { Found, ImageInspection } from './reading.ts'

/** What the image is, `faults` being why it must be refused if its owner calls it `claimed` (a Glance disk_format). */
export async function inspectWhole(bytes: DiskBytes, claimed: string): Promise<ImageInspection> {
  const head = paddedHead(await bytes.read(0, inspectHeadBytes))
  const first = inspectImage(head)
  const whole = await behindHead(first, { head, bytes, claimed })
  const faults = faultsOfClaim(claimed, { ...whole, faults: [...new Set([...whole.faults, ...faultsOfSize(whole.virtualSizeBytes)])] })
  return { ...whole, faults }
}

interface Bytes {
  head: Buffer
  bytes: DiskBytes
  claimed: string
}

async function behindHead(first: ImageInspection, { head, bytes, claimed }: Bytes): Promise<ImageInspection> {
  const and = (more: Found): ImageInspection => ({
    format: first.format,
    virtualSizeBytes: more.virtualSizeBytes,
    faults: [...first.faults, ...more.faults],
  })
  // the bytes of a fixed VHD are those of a raw disk but the last
  if (claimed === 'vhd' && ['raw', 'gpt'].includes(first.format)) {
    const fixed = await readFixedVhd(bytes)
    if (fixed) return { format: 'vhd', ...fixed }
  }
  // tables are only read where the header can be trusted
  if (first.faults.length > 0) return first
  if (first.format === 'vhdx') return and(await readVhdx(bytes))
  if (first.format === 'vmdk') return and({ ...first, faults: await faultsOfVmdkFooter(head, bytes) })
  if (first.format === 'qcow2') return and({ ...first, faults: await faultsOfTables(head, bytes) })
  return first
}

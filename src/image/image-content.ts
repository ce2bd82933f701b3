// What an upload claims to be against what its bytes say it is (attacks 14–17, F20). Whatever is recognised as another
// format, points outside itself or hides a second disk is refused with Glance's answer: by its head while the rest
// still comes in, by the whole when it is there. A container's content (an OVA's disk) is looked at only where it is known.
import type { DiskBytes } from '../platform/disk-image/bytes.ts'
import { faultsOfClaim, inspectHeadBytes, inspectImage } from '../platform/disk-image/inspect.ts'
import { inspectWhole } from '../platform/disk-image/inspect-whole.ts'
import { ApiError } from '../platform/errors.ts'

export { inspectHeadBytes } from '../platform/disk-image/inspect.ts'

export interface ContentClaim {
  disk_format: string | null
  container_format: string | null
}

const refused = (faults: string[]): ApiError => new ApiError('unsupported_media_type', `Image failed safety checks: ${faults.join('; ')}.`)

const isBare = ({ container_format }: ContentClaim) => container_format === 'bare' || container_format === null

/** Throws 415 when the first bytes alone are reason enough. */
export function checkHead(claim: ContentClaim, head: Buffer): void {
  const inspection = inspectImage(head)
  // what has no header there may have it elsewhere, and a container's is its own
  if (inspection.faults.length === 0 && (inspection.format === 'raw' || inspection.format === 'gpt')) return
  const faults = faultsOfClaim(claim.disk_format ?? '', inspection)
  if (faults.length > 0) throw refused(faults)
}

/** Formats whose header must be there; of the others, content without any known header is stored as it is, and no disk is made from it. */
const mustBeKnown = new Set(['raw', 'qcow2'])

/** Throws 415 with the reasons, or returns the size of the disk that the image holds; null: nobody can say. */
export async function checkContent(claim: ContentClaim, bytes: DiskBytes): Promise<{ virtualSizeBytes: number | null }> {
  const claimed = claim.disk_format ?? ''
  const inspection = await inspectWhole(bytes, claimed)
  if (inspection.format === 'raw' && (!isBare(claim) || !mustBeKnown.has(claimed) || (await isBlank(claimed, bytes))))
    return { virtualSizeBytes: null }
  if (inspection.faults.length > 0) throw refused(inspection.faults)
  return { virtualSizeBytes: claimed === 'raw' ? bytes.sizeBytes : inspection.virtualSizeBytes }
}

/** Nothing but zeros lies about nothing: what the field's own suite imports as a qcow2. A host makes no disk from it. */
const isBlank = async (claimed: string, bytes: DiskBytes): Promise<boolean> =>
  claimed !== 'raw' && bytes.sizeBytes > 0 && (await bytes.read(0, inspectHeadBytes)).every((byte) => byte === 0)

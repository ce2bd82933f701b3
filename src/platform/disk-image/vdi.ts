// VDI (VirtualBox): a header with a kind, a size and the ids of other images that this one may stand on.
import { isZero } from './vhd.ts'
import { type Found, safeNumber } from './reading.ts'

const signature = 0xbeda107f
const selfContained = new Set([1, 2]) // dynamic, static; 3 is an undo log, 4 a difference

/** undefined when the bytes are no VDI. */
export function readVdi(head: Buffer): Found | undefined {
  if (head.readUInt32LE(64) !== signature) return undefined
  const kind = head.readUInt32LE(76)
  const faults = selfContained.has(kind)
    ? []
    : [kind === 4 || kind === 3 ? 'the image is a difference to another one' : `vdi kind ${kind} is not supported`]
  // the image that it is linked to, and its parent
  if (!isZero(head, 424, 32)) faults.push('the image names a parent')
  return { virtualSizeBytes: safeNumber(head.readBigUInt64LE(368)), faults }
}

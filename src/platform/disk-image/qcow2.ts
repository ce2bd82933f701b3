// The header of a qcow2 image, versions 2 and 3 (docs/interop/qcow2.txt of QEMU is the specification).
import { type Found, safeNumber } from './reading.ts'

const knownIncompatible = 0b11011n // dirty, corrupt, compression type, extended L2; bit 2 (external data file) is refused by name
const dataFileBit = 1n << 2n
const corruptBit = 1n << 1n
const extensionDataFile = 0x44415441

/** What is a fault of an image, and none of a disk that an operator brings. */
export const snapshotsInside = 'the image has snapshots inside'

/** undefined when the bytes are no qcow2. */
export function readQcow2(head: Buffer): Found | undefined {
  if (head.toString('latin1', 0, 4) !== 'QFI\xfb') return undefined
  const version = head.readUInt32BE(4)
  if (version === 1) return undefined
  const faults: string[] = []
  if (version !== 2 && version !== 3) return { virtualSizeBytes: null, faults: [`qcow2 version ${version} is not supported`] }

  const backingOffset = head.readBigUInt64BE(8)
  const backingSize = head.readUInt32BE(16)
  if (backingOffset !== 0n || backingSize !== 0) faults.push('the image has a backing file')
  const clusterBits = head.readUInt32BE(20)
  if (clusterBits < 9 || clusterBits > 21) faults.push(`cluster_bits is ${clusterBits}`)
  const virtualSizeBytes = safeNumber(head.readBigUInt64BE(24))
  if (head.readUInt32BE(32) !== 0) faults.push('encrypted images are not supported')
  // a snapshot is a second disk that nobody has seen
  if (head.readUInt32BE(60) !== 0) faults.push(snapshotsInside)
  faults.push(...faultsOfL1(head, clusterBits, virtualSizeBytes))

  let headerLength = 72
  if (version === 3) {
    const incompatible = head.readBigUInt64BE(72)
    if (incompatible & dataFileBit) faults.push('the image has an external data file')
    if (incompatible & corruptBit) faults.push('the image is marked as corrupt')
    if (incompatible & ~(knownIncompatible | dataFileBit)) faults.push(`unknown incompatible features 0x${incompatible.toString(16)}`)
    if (head.readUInt32BE(96) > 6) faults.push('refcount_order is out of range')
    headerLength = head.readUInt32BE(100)
    if (headerLength < 104 || headerLength > 4096 || headerLength % 8 !== 0) {
      return { virtualSizeBytes, faults: [...faults, `the header is ${headerLength} bytes long`] }
    }
  }
  faults.push(...faultsOfExtensions(head, headerLength))
  return { virtualSizeBytes, faults }
}

/** The first-level table must be large enough for the size and no larger than QEMU reads. */
function faultsOfL1(head: Buffer, clusterBits: number, virtualSizeBytes: number): string[] {
  const entries = head.readUInt32BE(36)
  const clusterBytes = 2 ** Math.min(Math.max(clusterBits, 9), 21)
  const needed = Math.ceil(virtualSizeBytes / (clusterBytes * (clusterBytes / 8)))
  if (entries * 8 > 32 * 2 ** 20) return ['the L1 table is larger than 32 MiB']
  // extended L2 entries are twice as large: half the reach
  return entries < needed ? ['the L1 table is too small for the virtual size'] : []
}

function faultsOfExtensions(head: Buffer, start: number): string[] {
  const faults: string[] = []
  let at = start
  for (let n = 0; n < 64; n++) {
    if (at + 8 > head.length) return [...faults, 'the header extensions do not end']
    const type = head.readUInt32BE(at)
    const length = head.readUInt32BE(at + 4)
    if (type === 0) return faults
    if (type === extensionDataFile) faults.push('the image names an external data file')
    if (length > 65_536) return [...faults, 'a header extension is too long']
    at += 8 + Math.ceil(length / 8) * 8
  }
  return [...faults, 'there are too many header extensions']
}

// The tables of a qcow2 image: every cluster that they name must be in the file, or the download that brought it broke off
// (Glance lets that become active, and the guest boots into nothing). They are a few ten-thousandths of the file.
import type { DiskBytes } from './bytes.ts'

const offsetHigh = 0x00ff_ffff // bits 9–55 of an entry are where a cluster begins
const offsetLow = 0xffff_fe00
const compressedBit = 0x4000_0000 // bit 62
const pieceBytes = 65_536

const isCut = ['the image is cut off: its tables name clusters behind its end']

/** The header has been inspected and is sound. */
export async function faultsOfTables(head: Buffer, bytes: DiskBytes): Promise<string[]> {
  const clusterBits = head.readUInt32BE(20)
  const l1Entries = head.readUInt32BE(36)
  const l1Position = Number(head.readBigUInt64BE(40))
  const refcountPosition = Number(head.readBigUInt64BE(48))
  const isExtended = head.readUInt32BE(4) === 3 && (head.readUInt32BE(76) & 0b10000) !== 0
  if (l1Position + l1Entries * 8 > bytes.sizeBytes || refcountPosition >= bytes.sizeBytes) return isCut
  const walk: Walk = { bytes, clusterBits, entryBytes: isExtended ? 16 : 8, leftBytes: bytes.sizeBytes }
  for (let at = 0; at < l1Entries * 8; at += pieceBytes) {
    const piece = await bytes.read(l1Position + at, Math.min(pieceBytes, l1Entries * 8 - at))
    for (const table of positionsOf(piece, 8)) {
      const fault = await faultOfL2(walk, table)
      if (fault) return fault
    }
  }
  return []
}

interface Walk {
  bytes: DiskBytes
  clusterBits: number
  entryBytes: number
  /** tables that lie in the file once are no longer than it */
  leftBytes: number
}

async function faultOfL2(walk: Walk, position: number): Promise<string[] | null> {
  const { bytes, clusterBits, entryBytes } = walk
  const clusterBytes = 2 ** clusterBits
  walk.leftBytes -= clusterBytes
  if (position + clusterBytes > bytes.sizeBytes) return isCut
  if (walk.leftBytes < 0) return ['the tables of the image name each other']
  const table = await bytes.read(position, clusterBytes)
  for (let at = 0; at + 8 <= table.length; at += entryBytes) {
    const high = table.readUInt32BE(at)
    const low = table.readUInt32BE(at + 4)
    if (high === 0 && low === 0) continue
    if ((high & compressedBit) !== 0) {
      // the lower bits are where the bytes begin, the upper ones how many sectors they take
      const bits = 62 - (clusterBits - 8)
      if ((high & (2 ** (bits - 32) - 1)) * 2 ** 32 + low >= bytes.sizeBytes) return isCut
    } else if ((high & offsetHigh) * 2 ** 32 + ((low & offsetLow) >>> 0) >= bytes.sizeBytes) return isCut
  }
  return null
}

function* positionsOf(table: Buffer, entryBytes: number): Generator<number> {
  for (let at = 0; at + 8 <= table.length; at += entryBytes) {
    const position = (table.readUInt32BE(at) & offsetHigh) * 2 ** 32 + ((table.readUInt32BE(at + 4) & offsetLow) >>> 0)
    if (position !== 0) yield position
  }
}

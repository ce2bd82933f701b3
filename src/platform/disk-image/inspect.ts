// Reads what a disk image says about itself from its first bytes and names what must not be trusted: backing files,
// external data files, unknown features, absurd sizes (ATTACKS.md 14–17). It works on a bounded head, never on
// the disk, never runs a program, and never guesses: two formats that both fit are a fault of their own.
// Used by the image service while an upload streams in; what lies behind the head is inspect-whole.ts's business.
import { readQcow2 } from './qcow2.ts'
import { readVdi } from './vdi.ts'
import { readVhd } from './vhd.ts'
import { isVhdx } from './vhdx.ts'
import { readVmdk } from './vmdk.ts'
import { table } from '../table.ts'
import type { ImageFormat, ImageInspection, Found } from './reading.ts'

/** Bytes that are enough for every check here; more is not looked at. */
export const inspectHeadBytes = 131_072

/** No disk of ours is larger; qcow2's own limit is far above. */
const maxVirtualSizeBytes = 64 * 2 ** 40

const readers: { format: ImageFormat; read: (head: Buffer) => Found | undefined }[] = [
  { format: 'qcow2', read: readQcow2 },
  { format: 'qcow', read: (head) => (isQcow1(head) ? { virtualSizeBytes: null, faults: ['qcow version 1 is not supported'] } : undefined) },
  {
    format: 'qed',
    read: (head) => (ascii(head, 0, 4) === 'QED\0' ? { virtualSizeBytes: null, faults: ['qed is not supported'] } : undefined),
  },
  { format: 'vmdk', read: readVmdk },
  { format: 'vhd', read: readVhd },
  { format: 'vhdx', read: (head) => (isVhdx(head) ? { virtualSizeBytes: null, faults: [] } : undefined) },
  { format: 'vdi', read: readVdi },
  { format: 'luks', read: (head) => (ascii(head, 0, 6) === 'LUKS\xba\xbe' ? { virtualSizeBytes: null, faults: [] } : undefined) },
  { format: 'iso', read: readIso },
  { format: 'gpt', read: readPartitions },
]

/** Inspects the first bytes of an image (give it `inspectHeadBytes`, or all there is). */
export function inspectImage(head: Buffer): ImageInspection {
  const bounded = paddedHead(head).subarray(0, inspectHeadBytes)
  const fits = readers.flatMap(({ format, read }) => {
    const found = read(bounded)
    return found ? [{ format, ...found }] : []
  })
  const first = fits[0]
  if (!first) return { format: 'raw', virtualSizeBytes: null, faults: [] }
  const faults = [...first.faults]
  // a bootable ISO carries a partition table: a hybrid image that everybody ships; any other pair is a trap
  const others = fits.slice(1).filter((fit) => !(first.format === 'iso' && fit.format === 'gpt'))
  if (others.length > 0) faults.push(`the image looks like ${fits.map((fit) => fit.format).join(' and ')} at once`)
  faults.push(...faultsOfSize(first.virtualSizeBytes))
  return { format: first.format, virtualSizeBytes: first.virtualSizeBytes, faults }
}

/** A short file is read as if zeros followed: a descriptor of 300 bytes is a descriptor all the same. */
export const paddedHead = (head: Buffer): Buffer => (head.length < 512 ? Buffer.concat([head, Buffer.alloc(512 - head.length)]) : head)

export const faultsOfSize = (bytes: number | null): string[] =>
  bytes !== null && bytes > maxVirtualSizeBytes ? [`the virtual size of ${bytes} bytes is more than ${maxVirtualSizeBytes}`] : []

/**
 * Why an image that its owner calls `claimed` (a Glance disk_format) must be refused; empty when it is what it says.
 * A raw image may hold anything that a disk may hold, but not another image's header.
 */
export function faultsOfClaim(claimed: string, inspection: ImageInspection): string[] {
  const family: Record<string, ImageFormat[]> = table({
    raw: ['raw', 'gpt', 'iso'],
    qcow2: ['qcow2'],
    iso: ['iso'],
    vmdk: ['vmdk'],
    vhd: ['vhd'],
    vhdx: ['vhdx'],
    vdi: ['vdi'],
    ploop: ['raw'],
    ami: ['raw', 'gpt'],
    ari: ['raw'],
    aki: ['raw', 'gpt'],
  })
  const fits = family[claimed]?.includes(inspection.format) ?? false
  return fits ? inspection.faults : [`disk_format ${claimed} does not match stream data ${inspection.format}`, ...inspection.faults]
}

const isQcow1 = (head: Buffer) => ascii(head, 0, 4) === 'QFI\xfb' && head.readUInt32BE(4) === 1
const ascii = (head: Buffer, start: number, end: number) => head.toString('latin1', start, end)

/** ISO 9660 or UDF: a volume descriptor in sector 16; a primary one says how many blocks there are. */
function readIso(head: Buffer): Found | undefined {
  if (head.length < 0x8800) return undefined
  if (!['CD001', 'BEA01', 'NSR02', 'NSR03'].includes(ascii(head, 0x8001, 0x8006))) return undefined
  const sizeBytes = head[0x8000] === 1 ? head.readUInt32LE(0x8000 + 80) * head.readUInt16LE(0x8000 + 128) : 0
  return { virtualSizeBytes: sizeBytes || null, faults: [] }
}

/** A GPT, or an MBR with at least one sane entry. */
function readPartitions(head: Buffer): Found | undefined {
  if (head.readUInt16LE(510) !== 0xaa55) return undefined
  if (head.length >= 520 && ascii(head, 512, 520) === 'EFI PART') return { virtualSizeBytes: null, faults: [] }
  const entries = [446, 462, 478, 494].map((at) => ({ boot: head[at] ?? 1, type: head[at + 4] ?? 0 }))
  const sane = entries.every(({ boot }) => boot === 0 || boot === 0x80) && entries.some(({ type }) => type !== 0)
  return sane ? { virtualSizeBytes: null, faults: [] } : undefined
}

// VHDX (Hyper-V). What it is stands in a metadata table that a region table points at, both behind the head: a file's
// parameters (does it have a parent?), its size, and perhaps where its parent is. MS-VHDX is the specification.
import type { DiskBytes } from './bytes.ts'
import { type Found, safeNumber } from './reading.ts'

const regionTable = { position: 192 * 1024, bytes: 64 * 1024, signature: 'regi' }
const tableEntryBytes = 32
const metadataBytes = 64 * 1024
const maxEntries = 2047
const guids = {
  metadata: '8b7ca206-4790-4b9a-b8fe-575f050f886e',
  fileParameters: 'caa16737-fa36-4d43-b3b6-33f0aa44e76b',
  virtualDiskSize: '2fa54224-cd1b-4876-b211-5dbed83bf4b8',
  parentLocator: 'a8d35f2d-b30b-454d-abf7-d3d84834ab0c',
}
const hasParentBit = 0b10

export const isVhdx = (head: Buffer): boolean => head.toString('latin1', 0, 8) === 'vhdxfile'

/** Of an image whose head says that it is a VHDX. */
export async function readVhdx(bytes: DiskBytes): Promise<Found> {
  const refused = (fault: string): Found => ({ virtualSizeBytes: null, faults: [fault] })
  const regions = await bytes.read(regionTable.position, regionTable.bytes)
  if (regions.length < 16 || regions.toString('latin1', 0, 4) !== regionTable.signature) return refused('the vhdx has no region table')
  const region = entriesOf(regions, { count: regions.readUInt32LE(8), first: 16 }).filter(({ guid }) => guid === guids.metadata)
  if (region.length !== 1) return refused(`the vhdx has ${region.length} metadata regions`)
  const start = safeNumber(region[0]!.entry.readBigUInt64LE(16))
  const table = await bytes.read(start, metadataBytes)
  if (table.length < 32 || table.toString('latin1', 0, 8) !== 'metadata') return refused('the vhdx has no metadata table')
  const items = entriesOf(table, { count: table.readUInt16LE(10), first: 32 })
  const valueOf = async (guid: string, length: number) => {
    const found = items.filter((each) => each.guid === guid)
    const value = found.length === 1 ? await bytes.read(start + found[0]!.entry.readUInt32LE(16), length) : null
    return value?.length === length ? value : null
  }
  const [parameters, size] = [await valueOf(guids.fileParameters, 8), await valueOf(guids.virtualDiskSize, 8)]
  if (!parameters || !size) return refused('the vhdx does not say what it is, or says it twice')
  const faults = (parameters.readUInt32LE(4) & hasParentBit) !== 0 ? ['the image is a difference to another one'] : []
  if (items.some(({ guid }) => guid === guids.parentLocator)) faults.push('the image names a parent')
  return { virtualSizeBytes: safeNumber(size.readBigUInt64LE(0)), faults }
}

function entriesOf(table: Buffer, { count, first }: { count: number; first: number }): { guid: string; entry: Buffer }[] {
  const fitting = Math.min(count, maxEntries, Math.floor((table.length - first) / tableEntryBytes))
  return Array.from({ length: fitting }, (_, n) => {
    const entry = table.subarray(first + n * tableEntryBytes, first + (n + 1) * tableEntryBytes)
    return { guid: guidOf(entry), entry }
  })
}

/** Microsoft's mixed order: the first three groups are little-endian. */
function guidOf(bytes: Buffer): string {
  const hex = (start: number, end: number) => bytes.toString('hex', start, end)
  const number = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  return `${number(bytes.readUInt32LE(0), 8)}-${number(bytes.readUInt16LE(4), 4)}-${number(bytes.readUInt16LE(6), 4)}-${hex(8, 10)}-${hex(10, 16)}`
}

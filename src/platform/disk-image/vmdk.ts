// VMDK: only the self-contained kinds are let through; a descriptor that points at other files reads them (CVE-2022-47951).
// A line of the descriptor that is not understood is refused: who reads it later may understand it otherwise.
import type { DiskBytes } from './bytes.ts'
import { type Found, safeNumber } from './reading.ts'

const selfContained = new Set(['monolithicsparse', 'streamoptimized'])
const sectorBytes = 512
const maxDescriptorBytes = 2 ** 20
/** the grain directory stands at the end: a footer there says where, and takes precedence over the header */
const atEnd = 0xffff_ffff_ffff_ffffn

/** undefined when the bytes are no VMDK. */
export function readVmdk(head: Buffer): Found | undefined {
  const magic = head.toString('latin1', 0, 4)
  if (isDescriptor(head)) return { virtualSizeBytes: null, faults: ['the image is only a descriptor that points at other files'] }
  if (magic === 'COWD') return { virtualSizeBytes: null, faults: ['vmdk version COWD is not supported'] }
  if (magic !== 'KDMV') return undefined
  const version = head.readUInt32LE(4)
  const virtualSizeBytes = safeNumber(head.readBigUInt64LE(12) * BigInt(sectorBytes))
  const faults = version >= 1 && version <= 3 ? [] : [`vmdk version ${version} is not supported`]
  // without a size of its own the descriptor is read like one that stands alone
  if (virtualSizeBytes === 0) faults.push('the header says no size')
  const start = safeNumber(head.readBigUInt64LE(28)) * sectorBytes
  const length = safeNumber(head.readBigUInt64LE(36)) * sectorBytes
  if (start !== sectorBytes || length === 0 || length > maxDescriptorBytes || start + length > head.length) {
    return { virtualSizeBytes, faults: [...faults, 'the descriptor does not stand at the start of the image'] }
  }
  return { virtualSizeBytes, faults: [...faults, ...faultsOfDescriptor(head.toString('latin1', start, start + length))] }
}

/** Text with a descriptor's first words, wherever in its first lines they stand. */
function isDescriptor(head: Buffer): boolean {
  const text = head.toString('latin1', 0, sectorBytes).toLowerCase()
  return /^[\s#]*disk descriptorfile/.test(text) || (/^[\t\n\r -~]+/.exec(text)?.[0].includes('createtype="') ?? false)
}

function faultsOfDescriptor(padded: string): string[] {
  const end = padded.indexOf('\0')
  const text = (end < 0 ? padded : padded.slice(0, end)).toLowerCase()
  if (/[^\t\n\r -~]/.test(text)) return ['the descriptor is not plain text']
  const types = [...text.matchAll(/createtype="([^"\n]{0,64})"/g)].map((match) => match[1] ?? '')
  const faults =
    types.length === 1 && selfContained.has(types[0] ?? '')
      ? []
      : [`vmdk subformat ${types.join(' and ').slice(0, 100) || 'none'} is not self-contained`]
  const extents: string[] = []
  for (const line of text.split(/[\n\r]/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith('ddb')) continue
    if (/^(rw|rdonly|noaccess)\s/.test(line)) extents.push(line)
    else if (!/^[^\s=]+=/.test(line) && !/^[^\s=]+ =/.test(line)) faults.push('a line of the descriptor is unknown')
    if (line.startsWith('parentfilenamehint')) faults.push('the image has a parent')
  }
  if (extents.length !== 1) faults.push(`the descriptor names ${extents.length} extents`)
  if (extents.some((extent) => /[/\\]/.test(extent) || !/\ssparse\s+"/.test(extent))) faults.push('an extent points outside the image')
  return faults
}

/** What the end of a stream-optimised image says otherwise than its start. */
export async function faultsOfVmdkFooter(head: Buffer, bytes: DiskBytes): Promise<string[]> {
  if (head.readBigUInt64LE(56) !== atEnd) return []
  const tail = await bytes.read(Math.max(0, bytes.sizeBytes - 3 * sectorBytes), 3 * sectorBytes)
  if (tail.length < 3 * sectorBytes) return ['the image has no footer']
  const footer = tail.subarray(sectorBytes, 2 * sectorBytes)
  // magic, version; size; where the descriptor stands
  const same = [
    [0, 8],
    [12, 20],
    [28, 44],
  ].every(([start, end]) => head.subarray(start, end).equals(footer.subarray(start, end)))
  const isFooter = tail.readUInt32LE(8) === 0 && tail.readUInt32LE(12) === 3
  if (!same || !isFooter || footer.readBigUInt64LE(56) === atEnd) return ['the footer of the image differs from its header']
  return []
}

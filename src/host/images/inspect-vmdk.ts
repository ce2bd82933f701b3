// VMDK: only the self-contained kinds are let through; a descriptor that points at other files reads them (CVE-2022-47951).
import { type Found, safeNumber } from './inspect.ts'

const selfContained = new Set(['monolithicSparse', 'streamOptimized'])

/** undefined when the bytes are no VMDK. */
export function readVmdk(head: Buffer): Found | undefined {
  const magic = head.toString('latin1', 0, 4)
  if (head.toString('latin1', 0, 21) === '# Disk DescriptorFile') {
    return { virtualSizeBytes: null, faults: ['the image is only a descriptor that points at other files'] }
  }
  if (magic === 'COWD') return { virtualSizeBytes: null, faults: ['vmdk version COWD is not supported'] }
  if (magic !== 'KDMV') return undefined
  const virtualSizeBytes = safeNumber(head.readBigUInt64LE(12) * 512n)
  const descriptorStart = safeNumber(head.readBigUInt64LE(28)) * 512
  const descriptorBytes = safeNumber(head.readBigUInt64LE(36)) * 512
  if (descriptorStart === 0 || descriptorBytes === 0 || descriptorStart + descriptorBytes > head.length) {
    return { virtualSizeBytes, faults: ['the descriptor does not stand at the start of the image'] }
  }
  const descriptor = head.toString('latin1', descriptorStart, descriptorStart + descriptorBytes)
  const type = /^createType="([^"\n]{1,64})"/m.exec(descriptor)?.[1] ?? 'none'
  const faults = selfContained.has(type) ? [] : [`vmdk subformat ${type} is not self-contained`]
  const extents = descriptor.match(/^(RW|RDONLY|NOACCESS) .*$/gm) ?? []
  if (extents.length !== 1) faults.push(`the descriptor names ${extents.length} extents`)
  if (extents.some((extent) => /[/\\]/.test(extent) || !/ SPARSE "/.test(extent))) faults.push('an extent points outside the image')
  if (/^parentFileNameHint=/m.test(descriptor)) faults.push('the image has a parent')
  return { virtualSizeBytes, faults }
}

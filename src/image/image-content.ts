// What an upload claims to be against what its first bytes say it is (attacks 14–19). Whatever is recognised as
// another format, or points outside itself, is refused. Formats that a guest boots from here must be recognised;
// of the others, content without any known header is stored as it is: nothing here ever opens it.
import { faultsOfClaim, inspectImage } from '../host/images/inspect.ts'
import { ApiError } from '../platform/errors.ts'

export { inspectHeadBytes } from '../host/images/inspect.ts'

/** Formats whose header must be there. */
const bootable = new Set(['raw', 'qcow2'])

/** Throws 415 with the reasons, as Glance does, or returns the virtual size that the header states (null: it is the length). */
export function inspectClaim(diskFormat: string, head: Buffer): { virtualSizeBytes: number | null } {
  const inspection = inspectImage(head)
  const unrecognised = inspection.format === 'raw' && inspection.faults.length === 0
  if (unrecognised && !bootable.has(diskFormat)) return { virtualSizeBytes: null }
  const faults = faultsOfClaim(diskFormat, inspection)
  if (faults.length > 0) throw new ApiError('unsupported_media_type', `The image data is refused: ${faults.join('; ')}.`)
  return { virtualSizeBytes: inspection.virtualSizeBytes }
}

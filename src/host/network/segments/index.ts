// All segment types by name, and which of them this machine can make.
import type { SegmentType } from '../../../contract/network.ts'
import { flatSegment } from './flat.ts'
import { greSegment } from './gre.ts'
import { localSegment } from './local.ts'
import type { Segment, SegmentOptions } from './segment.ts'
import { vlanSegment } from './vlan.ts'
import { vxlanSegment } from './vxlan.ts'

export const segments: Record<SegmentType, Segment> = {
  local: localSegment,
  flat: flatSegment,
  vlan: vlanSegment,
  vxlan: vxlanSegment,
  gre: greSegment,
}

/** The types that this machine can make: what goes into the host's inventory. */
export async function usableSegmentTypes(options: SegmentOptions): Promise<SegmentType[]> {
  const answers = await Promise.all(
    Object.values(segments).map(async (segment) => ({ type: segment.type, reason: await segment.probe(options) })),
  )
  return answers.filter((answer) => answer.reason === null).map((answer) => answer.type)
}

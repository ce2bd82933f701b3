// gre: Ethernet in GRE between hosts. Comes with a later issue: by the kernel's gretap, else Open vSwitch.
import { HostError } from '../../../contract/call.ts'
import type { Segment } from './segment.ts'

const reason = 'gre segments are not built yet on this host'

export const greSegment: Segment = {
  type: 'gre',
  probe: () => Promise.resolve(reason),
  uplink() {
    throw new HostError('unsupported', reason)
  },
}

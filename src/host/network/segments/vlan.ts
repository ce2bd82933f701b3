// vlan: 802.1q tags on a physical network. Comes with a later issue: by the kernel's 802.1q, else Open vSwitch.
import { HostError } from '../../../contract/call.ts'
import type { Segment } from './segment.ts'

const reason = 'vlan segments are not built yet on this host'

export const vlanSegment: Segment = {
  type: 'vlan',
  probe: () => Promise.resolve(reason),
  uplink() {
    throw new HostError('unsupported', reason)
  },
}

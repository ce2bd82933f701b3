// local: a network that never leaves this host.
import type { Segment } from './segment.ts'

export const localSegment: Segment = {
  type: 'local',
  probe: () => Promise.resolve(null),
  uplink: () => null,
}

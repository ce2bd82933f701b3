// flat: the network is a physical one, untagged. Its device goes into the bridge; a physical network without a
// device is a bridge by itself that the machine may stand in (the `public` of a first `up`).
import type { Segment } from './segment.ts'

export const flatSegment: Segment = {
  type: 'flat',
  probe: () => Promise.resolve(null),
  uplink(network, { bridgeMappings }) {
    const device = network.physicalNetwork === null ? undefined : bridgeMappings[network.physicalNetwork]
    return device === undefined ? null : { kind: 'existing', name: device }
  },
}

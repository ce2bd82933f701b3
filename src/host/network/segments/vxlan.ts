// vxlan: the kernel's, without learning: which MAC lives behind which host is told by control. A network that is on
// one host only needs no tunnel device, so two clouds on one machine do not meet over the same VNI.
import { vxlanName } from '../names.ts'
import { batch } from '../run.ts'
import type { Segment } from './segment.ts'

export const vxlanSegment: Segment = {
  type: 'vxlan',
  async probe({ tunnelAddress, vxlanPort }) {
    if (tunnelAddress === null) return null // bridges alone, until there is a second host
    const faults = await batch([
      `link add vxprobe type vxlan id 16777215 dstport ${vxlanPort} local ${tunnelAddress} nolearning`,
      'link del vxprobe',
    ])
    return faults.get(0) ?? null
  },
  uplink(network, { tunnelAddress, vxlanPort }) {
    if (network.tunnelPeers.length === 0 || network.segmentationId === null || tunnelAddress === null) return null
    return {
      kind: 'made',
      name: vxlanName(network.id),
      words: `type vxlan id ${network.segmentationId} dstport ${vxlanPort} local ${tunnelAddress} nolearning`,
      peers: network.tunnelPeers,
    }
  },
}

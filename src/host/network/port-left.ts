// Whether a port is still this host's: a message that asks for its tap may come doubled and very late.
import type { HostNetworkSpec } from '../../contract/network.ts'
import { HostError } from '../../contract/call.ts'

/** Refuses when the newest spec is later than `known` and does not name the port. */
export function assertNotLeft(portId: string, newest: HostNetworkSpec | null, known: number): void {
  if (newest !== null && newest.generation > known && !newest.ports.some((port) => port.id === portId)) {
    throw new HostError(
      'stale_fence',
      `the port ${portId} has left this host: it was to be named after spec ${known}, and spec ${newest.generation} does not name it`,
    )
  }
}

// Whether a port is still this host's: a message that asks for its tap may come doubled and very late.
import { HostError, type HostNetworkSpec } from '../contract.ts'

/** Does the newest spec name the port? Refused when it is later than `known` and does not: the port has left this host. */
export function isNamed(portId: string, newest: HostNetworkSpec | null, known: number): boolean {
  const named = newest?.ports.some((port) => port.id === portId) ?? false
  if (newest !== null && newest.generation > known && !named) {
    throw new HostError('stale_fence', `the port ${portId} has left this host: it was to be named after spec ${known}, and spec ${newest.generation} does not name it`)
  }
  return named
}

// Availability zones of the network: one, until hosts bring their own.
import { notFound } from '../platform/errors.ts'

export const networkZone = 'nova'

/** Zones that a network or router asks for must be there. */
export function zoneHintsCheck(hints: string[]): void {
  for (const hint of hints) {
    if (hint !== networkZone) throw notFound(`AvailabilityZone ${hint} could not be found.`, { type: 'AvailabilityZoneNotFound' })
  }
}

// Network's secrets: what a binding's profile says.
import type { Garden } from './garden.ts'

export async function plantNetwork(garden: Garden): Promise<void> {
  const profile = { key: garden.plant('binding-profile') }
  await garden.make('/network/v2.0/ports', 'port', { network_id: garden.the.networkId, 'binding:profile': profile }, 'service@p1')
}

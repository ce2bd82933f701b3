// What an operation of the simulation is given, and the deletion that all kinds share.
import type { Client } from './client.ts'
import type { Ledger, Kind } from './ledger.ts'
import type { Random } from './random.ts'

export interface Asking {
  client: Client
  ledger: Ledger
  random: Random
  tenant: string
  /** a name for what is made */
  name: string
  /** what every cloud has: the image, the tenant's network, the external one, flavors */
  base: Base
  fates: Fates
}

/** How many of the servers and volumes have a fate (docs/fake-drivers.md); with `of`, servers only one that has this text in it. */
export interface Fates {
  share: number
  of?: string
}

export interface Base {
  imageId: string
  networks: Record<string, string>
  externalNetworkId: string
  flavors: string[]
}

export type Operation = (asking: Asking) => Promise<void>

/** Asks for the deletion and notes what was said. */
export async function deleteAny({ client, ledger, random, tenant }: Asking, kind: Kind, path: string): Promise<void> {
  const thing = ledger.any(random, tenant, kind)
  if (!thing) return
  if (thing.deletion === 'none') thing.deletion = 'asked'
  const answer = await client.call('DELETE', `${path}/${thing.id}`)
  // that it is gone may be told before the disk knows: only who asked first has a promise
  if (answer.status < 300) thing.deletion = 'acknowledged'
  else if (answer.status !== 404 && thing.deletion === 'asked') thing.deletion = 'none'
}

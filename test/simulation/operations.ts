// What tenants ask for, by the same requests as a client's. Each operation picks from what its tenant knows, sends a
// request or two, and writes down what it was told. A refusal is fine; an error of ours is not, and the runner sees it.
import { servers } from './operations-servers.ts'
import { volumes } from './operations-volumes.ts'
import { networks } from './operations-networks.ts'
import { images } from './operations-images.ts'
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

const all = { ...servers, ...volumes, ...networks, ...images }
export type OperationKind = keyof typeof all

export const operationKinds: (readonly [weight: number, kind: OperationKind])[] = [
  [20, 'create server'],
  [12, 'delete server'],
  [22, 'act on server'],
  [4, 'rename server'],
  [8, 'create volume'],
  [6, 'delete volume'],
  [7, 'attach volume'],
  [6, 'detach volume'],
  [3, 'extend volume'],
  [4, 'create snapshot'],
  [3, 'delete snapshot'],
  [2, 'revert volume'],
  [2, 'upload volume'],
  [2, 'rename volume'],
  [4, 'create port'],
  [3, 'delete port'],
  [3, 'attach interface'],
  [3, 'detach interface'],
  [4, 'create floating IP'],
  [3, 'move floating IP'],
  [3, 'delete floating IP'],
  [2, 'create network'],
  [2, 'delete network'],
  [2, 'create security group'],
  [1, 'delete security group'],
  [4, 'create image'],
  [3, 'delete image'],
]

export const perform = (kind: OperationKind, asking: Asking): Promise<void> => all[kind](asking)

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

// What tenants ask for, by the same requests as a client's. Each operation picks from what its tenant knows, sends a
// request or two, and writes down what it was told. A refusal is fine; an error of ours is not, and the runner sees it.
import { servers } from './operations-servers.ts'
import { volumes } from './operations-volumes.ts'
import { networks } from './operations-networks.ts'
import { images } from './operations-images.ts'
import { objects } from './operations-objects.ts'
import type { Asking } from './operation.ts'

const all = { ...servers, ...volumes, ...networks, ...images, ...objects }
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

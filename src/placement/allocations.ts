// Allocations: what a consumer (a server) holds of which provider. Claimed in the consumer's own transaction.
import type { Context } from '../platform/context.ts'

export interface Claim {
  consumerId: string
  projectId: string
  userId: string
  consumerType?: 'INSTANCE' | 'MIGRATION'
  /** provider's id → resource class → amount */
  allocations: Record<string, Record<string, number>>
}

/** Gives the consumer exactly these allocations; 409 when a provider has not enough left. Inside a transaction. */
export async function allocationsClaim(_tx: Context, _claim: Claim): Promise<void> {
  throw new Error('not yet')
}

/** Fine when there are none. */
export async function allocationsRelease(_tx: Context, _consumerId: string): Promise<void> {
  throw new Error('not yet')
}

/** provider's id → resource class → amount */
export async function allocationsOf(_ctx: Context, _consumerId: string): Promise<Record<string, Record<string, number>>> {
  throw new Error('not yet')
}

/** Hands all allocations of one consumer to another (a resize keeps the old host's for the migration). */
export async function allocationsTransfer(_tx: Context, _fromConsumerId: string, _toConsumerId: string): Promise<void> {
  throw new Error('not yet')
}

// Resource providers: what has something to give (a compute host), in trees.
import type { Context } from '../platform/context.ts'

export interface ProviderWanted {
  uuid?: string
  name: string
  inventories: Record<string, { total: number; reserved?: number; minUnit?: number; maxUnit?: number; stepSize?: number; allocationRatio?: number }>
  traits: string[]
  aggregates?: string[]
}

/** Makes the provider, its inventories and traits as wanted; idempotent. Returns its id. */
export async function providerEnsure(_ctx: Context, _wanted: ProviderWanted): Promise<string> {
  throw new Error('not yet')
}

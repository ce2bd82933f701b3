// How much work on volumes one host does at a time: copies gain nothing from being more at once, and a host that hangs
// must not hold the workers that other hosts' volumes need.
import type { Context } from '../../platform/context.ts'

const atOnce = 8

/** The limit of a saga whose data names the host; none for what has no place. */
export const hostLimit = (_ctx: Context, { host }: { host: string | null }): { key: string; max: number } | null =>
  host ? { key: `volumes/${host}`, max: atOnce } : null

// Only hosts whose service is enabled and alive.
import type { Filter } from './filter.ts'

export const computeFilter: Filter = { name: 'ComputeFilter', passes: (host) => !host.disabled && host.alive }

// The face of the volume domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'

export const domain: Domain = { name: 'volume', migrations: {}, policy: {}, services: [], work: [] }

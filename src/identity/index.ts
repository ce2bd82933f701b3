// The face of the identity domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'

export const domain: Domain = { name: 'identity', migrations: {}, policy: {}, services: [], work: [] }

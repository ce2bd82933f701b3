// The face of the network domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'

export const domain: Domain = { name: 'network', migrations: {}, policy: {}, services: [], work: [] }

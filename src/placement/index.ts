// The face of the placement domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'

export const domain: Domain = { name: 'placement', migrations: {}, policy: {}, services: [], work: [] }

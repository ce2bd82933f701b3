// The face of the image domain: the only file of it that others import.
import type { Domain } from '../platform/api/operation.ts'

export const domain: Domain = { name: 'image', migrations: {}, policy: {}, services: [], work: [] }

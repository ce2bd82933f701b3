// All operations of compute on everything that is not a server.
import type { Operation } from '../../platform/api/operation.ts'
import { flavorPartOperations } from './flavor-parts.ts'
import { flavorOperations } from './flavors.ts'
import { versionOperations } from './versions.ts'

export const cloudOperations: Operation[] = [...versionOperations, ...flavorOperations, ...flavorPartOperations]

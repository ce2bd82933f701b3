// Every operation on servers, gathered for the service.
import type { Operation } from '../../platform/api/operation.ts'
import { serverCreateOperations } from './servers-create.ts'
import { serversOperations } from './servers.ts'

export const serverOperations: Operation[] = [...serversOperations, ...serverCreateOperations]

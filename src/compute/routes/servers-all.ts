// Every operation on servers, gathered for the service.
import type { Operation } from '../../platform/api/operation.ts'

export const serverOperations: Operation[] = []

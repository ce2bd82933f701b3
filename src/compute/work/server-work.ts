// Every saga and reconciler of servers, gathered for the engine.
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { serverCreateSaga } from './server-create.ts'
import { serverDeleteSaga } from './server-delete.ts'
import { serverObserve } from './server-observe.ts'
import { serverCrashDumpSaga, serverPowerSaga, serverRebootSaga } from './server-power.ts'

export const serverWork: WorkDefinition[] = [serverCreateSaga, serverDeleteSaga, serverPowerSaga, serverRebootSaga, serverCrashDumpSaga, serverObserve]

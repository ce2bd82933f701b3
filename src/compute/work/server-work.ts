// Every saga and reconciler of servers, gathered for the engine.
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { serverCreateSaga } from './server-create.ts'
import { serverDeleteSaga } from './server-delete.ts'
import { serverExtendVolumeSaga } from './server-extend-volume.ts'
import { serverImageSaga } from './server-image.ts'
import { serverAttachInterfaceSaga, serverDetachInterfaceSaga } from './server-interface.ts'
import { serverMendSaga } from './server-mend.ts'
import { serverObserve } from './server-observe.ts'
import { serverCrashDumpSaga, serverPowerSaga, serverRebootSaga } from './server-power.ts'
import { serverRebuildSaga } from './server-rebuild.ts'
import { serverRescueSaga, serverUnrescueSaga } from './server-rescue.ts'
import { serverResizeSaga, serverRevertSaga } from './server-resize.ts'
import { serverOffloadSaga, serverShelveSaga } from './server-shelve.ts'
import { serverUnshelveSaga } from './server-unshelve.ts'
import { serverAttachVolumeSaga, serverDetachVolumeSaga } from './server-volume.ts'

export const serverWork: WorkDefinition[] = [
  serverCreateSaga,
  serverDeleteSaga,
  serverPowerSaga,
  serverRebootSaga,
  serverCrashDumpSaga,
  serverRebuildSaga,
  serverResizeSaga,
  serverRevertSaga,
  serverRescueSaga,
  serverUnrescueSaga,
  serverImageSaga,
  serverShelveSaga,
  serverOffloadSaga,
  serverUnshelveSaga,
  serverAttachVolumeSaga,
  serverDetachVolumeSaga,
  serverExtendVolumeSaga,
  serverAttachInterfaceSaga,
  serverDetachInterfaceSaga,
  serverMendSaga,
  serverObserve,
]

// Every saga and reconciler of servers, gathered for the engine.
import type { WorkDefinition } from '../../platform/work/definition.ts'
import { serverCreateSaga } from './create/create.saga.ts'
import { serverDeleteSaga } from './actions/delete.saga.ts'
import { serverExtendVolumeSaga } from './attachments/extend-volume.saga.ts'
import { serverImageSaga } from './actions/image.saga.ts'
import { serverAttachInterfaceSaga, serverDetachInterfaceSaga } from './attachments/interface.saga.ts'
import { serverMendSaga } from './guest/mend.saga.ts'
import { serverObserve } from './guest/observe.reconciler.ts'
import { serverCrashDumpSaga, serverPowerSaga, serverRebootSaga } from './actions/power.saga.ts'
import { serverRebuildSaga } from './actions/rebuild.saga.ts'
import { serverRescueSaga, serverUnrescueSaga } from './actions/rescue.saga.ts'
import { serverResizeSaga, serverRevertSaga } from './actions/resize.saga.ts'
import { serverOffloadSaga, serverShelveSaga } from './actions/shelve.saga.ts'
import { serverUnshelveSaga } from './actions/unshelve.saga.ts'
import { serverAttachVolumeSaga, serverDetachVolumeSaga } from './attachments/volume.saga.ts'

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

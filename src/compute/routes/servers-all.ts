// Every operation on servers, gathered for the service.
import type { Operation } from '../../platform/api/operation.ts'
import { adminActions } from './server-actions/admin.ts'
import { consoleActions } from './server-actions/consoles.ts'
import { imageActions } from './server-actions/images.ts'
import { powerActions } from './server-actions/power.ts'
import { remakeActions } from './server-actions/remake.ts'
import { serverConsoleOperations } from './servers-consoles.ts'
import { serverCreateOperations } from './servers-create.ts'
import { serverInterfaceOperations } from './servers-interfaces.ts'
import { serverMetadataOperations } from './servers-metadata.ts'
import { serverPartOperations } from './servers-parts.ts'
import { serverShareOperations } from './server-shares.ts'
import { serverTimelineOperations } from './servers-timeline.ts'
import { serverVolumeOperations } from './servers-volumes.ts'
import { serversOperations } from './servers.ts'

export const serverOperations: Operation[] = [
  ...serversOperations,
  ...serverCreateOperations,
  ...powerActions,
  ...remakeActions,
  ...imageActions,
  ...adminActions,
  ...consoleActions,
  ...serverConsoleOperations,
  ...serverInterfaceOperations,
  ...serverVolumeOperations,
  ...serverMetadataOperations,
  ...serverShareOperations,
  ...serverTimelineOperations,
  ...serverPartOperations,
]

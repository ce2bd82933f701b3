// Every operation on servers, gathered for the service.
import type { Operation } from '../../../platform/api/operation.ts'
import { adminActions } from '../actions/admin.routes.ts'
import { consoleActions } from '../../consoles/actions.routes.ts'
import { imageActions } from '../actions/image.routes.ts'
import { powerActions } from '../actions/power.routes.ts'
import { rebuildActions } from '../actions/rebuild.routes.ts'
import { rescueActions } from '../actions/rescue.routes.ts'
import { resizeActions } from '../actions/resize.routes.ts'
import { shelveActions } from '../actions/shelve.routes.ts'
import { serverConsoleOperations } from '../../consoles/routes.ts'
import { serverCreateOperations } from '../create/routes.ts'
import { serverInterfaceOperations } from '../attachments/interfaces.routes.ts'
import { serverMetadataOperations } from './metadata.ts'
import { serverPartOperations } from './parts.ts'
import { serverShareOperations } from './shares.ts'
import { serverTimelineOperations } from './timeline.ts'
import { serverVolumeOperations } from '../attachments/volumes.routes.ts'
import { serversOperations } from './servers.ts'

export const serverOperations: Operation[] = [
  ...serversOperations,
  ...serverCreateOperations,
  ...powerActions,
  ...rebuildActions,
  ...resizeActions,
  ...rescueActions,
  ...shelveActions,
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

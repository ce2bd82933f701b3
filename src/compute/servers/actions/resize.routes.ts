// Actions resize, confirmResize and revertResize.
import { open } from '../../routes/schemas.ts'
import { diskConfig, flavorRef } from '../routes/schemas.ts'
import { action } from '../routes/action.ts'
import { serverConfirmResize, serverResize, serverRevertResize } from './resize.ts'

export const resizeActions = [
  action('resize', 'Resize a server', 'servers:resize', {
    body: open({ flavorRef, 'OS-DCF:diskConfig': diskConfig }, ['flavorRef']),
    handler: (ctx, id, wanted) => serverResize(ctx, id, { flavorId: String(wanted.flavorRef), diskConfig: wanted['OS-DCF:diskConfig'] }),
  }),
  action('confirmResize', 'Confirm a resize', 'servers:confirm_resize', {
    status: 204,
    handler: (ctx, id) => serverConfirmResize(ctx, id),
  }),
  action('revertResize', 'Revert a resize', 'servers:revert_resize', { handler: (ctx, id) => serverRevertResize(ctx, id) }),
]

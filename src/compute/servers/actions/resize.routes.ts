// Actions resize, confirmResize and revertResize.
import { open } from '../../routes/schemas.ts'
import { diskConfig, flavorRef } from '../routes/schemas.ts'
import { action } from '../routes/action.ts'
import { serverConfirmResize, serverResize, serverRevertResize } from './resize.ts'

export const resizeActions = [
  action('resize', {
    summary: 'Resize a server',
    policy: 'resize',
    body: open({ flavorRef, 'OS-DCF:diskConfig': diskConfig }, ['flavorRef']),
    handler: (ctx, id, wanted) => serverResize(ctx, id, { flavorId: String(wanted.flavorRef), diskConfig: wanted['OS-DCF:diskConfig'] }),
  }),
  action('confirmResize', {
    summary: 'Confirm a resize',
    policy: 'confirm_resize',
    status: 204,
    handler: (ctx, id) => serverConfirmResize(ctx, id),
  }),
  action('revertResize', { summary: 'Revert a resize', policy: 'revert_resize', handler: (ctx, id) => serverRevertResize(ctx, id) }),
]

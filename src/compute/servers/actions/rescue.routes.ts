// Actions rescue and unrescue.
import { openOrNone } from '../../routes/schemas.ts'
import { adminPass, uuid } from '../routes/schemas.ts'
import { action } from '../routes/action.ts'
import { generatedPassword } from './password.ts'
import { serverRescue, serverUnrescue } from './rescue.ts'

export const rescueActions = [
  action('rescue', 'Rescue a server', 'os-rescue', {
    status: 200,
    body: openOrNone({ adminPass, rescue_image_ref: uuid }),
    async handler(ctx, id, wanted) {
      await serverRescue(ctx, id, wanted?.rescue_image_ref)
      return { adminPass: wanted?.adminPass ?? generatedPassword(ctx.ids) }
    },
  }),
  action('unrescue', 'Unrescue a server', 'os-unrescue', { handler: (ctx, id) => serverUnrescue(ctx, id) }),
]

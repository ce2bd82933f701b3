// OAuth1's tokens → what consumers and users are shown. A secret is shown once, to the consumer that asked.
import { isoMicros } from '../../platform/clock.ts'
import type { Context } from '../../platform/context.ts'
import { baseUrl, selfLink, type Shown } from '../links.ts'
import type { AccessTokenRow } from '../store/delegation-tables.ts'
import type { RoleRow } from '../store/tables.ts'
import { roleView } from './roles.ts'

const time = (at: string | null): string | null => (at === null ? null : isoMicros(Date.parse(at)))

/** As a form: `oauth_token=…&oauth_token_secret=…` */
export const tokenForm = ({ id, secret, expires_at: at }: { id: string; secret: string; expires_at: string | null }): string =>
  `oauth_token=${id}&oauth_token_secret=${secret}${at === null ? '' : `&oauth_expires_at=${time(at)}`}`

export const accessTokenView = (ctx: Context, row: AccessTokenRow) => ({
  id: row.id,
  consumer_id: row.consumer_id,
  authorizing_user_id: row.authorizing_user_id,
  project_id: row.project_id,
  expires_at: time(row.expires_at),
  links: {
    ...selfLink(ctx, 'users', row.authorizing_user_id, 'OS-OAUTH1', 'access_tokens', row.id),
    roles: `${baseUrl(ctx)}/users/${row.authorizing_user_id}/OS-OAUTH1/access_tokens/${row.id}/roles`,
  },
})

/** Without the description, as Keystone shows it here. */
export function grantedRoleView(ctx: Context, row: RoleRow): Shown {
  const { description: _, ...shown } = roleView(ctx, row)
  return shown
}

// Rows of users and groups → what the API shows. Never a hash, never a count of failures.
import type { Context } from '../../platform/context.ts'
import { isEnabled } from '../inactivity.ts'
import { selfLink } from '../links.ts'
import type { GroupRow, UserRow } from '../store/tables.ts'
import { shownTime } from './token.ts'

export const userView = (ctx: Context, row: UserRow) => ({
  ...row.extra,
  id: row.id,
  name: row.name,
  domain_id: row.domain_id,
  enabled: isEnabled(row, ctx),
  ...(row.default_project_id === null ? {} : { default_project_id: row.default_project_id }),
  password_expires_at: shownTime(row.password_expires_at),
  options: row.options,
  links: selfLink(ctx, 'users', row.id),
})

/** A group as its member's: nobody is in one for a time. */
export const membershipView = (ctx: Context, row: GroupRow) => ({ ...groupView(ctx, row), membership_expires_at: null })

export const groupView = (ctx: Context, row: GroupRow) => ({
  ...row.extra,
  id: row.id,
  name: row.name,
  domain_id: row.domain_id,
  description: row.description,
  links: selfLink(ctx, 'groups', row.id),
})

// A user's options, as an administrator sets them: what of the cloud's rules for passwords and logins holds for this one.
import type { UserRow } from './store/tables.ts'

export interface UserOptions {
  ignore_change_password_upon_first_use?: boolean
  ignore_password_expiry?: boolean
  ignore_lockout_failure_attempts?: boolean
  ignore_user_inactivity?: boolean
  lock_password?: boolean
  multi_factor_auth_enabled?: boolean
  multi_factor_auth_rules?: string[][]
}

export const optionsOf = (row: Pick<UserRow, 'options'>): UserOptions => JSON.parse(row.options) as UserOptions

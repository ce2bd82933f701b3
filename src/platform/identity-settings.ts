// What an operator can set of identity, with defaults that are Keystone's: everything that locks, expires or demands is off.
// `<data>/settings.yaml` sets them (cli/settings-file.ts, docs/identity.md).

export interface IdentitySettings {
  /** so many wrong passwords in a row lock an account; null: never */
  lockoutFailureAttempts: number | null
  /** for how long; null: until it is enabled again */
  lockoutDurationSeconds: number | null
  /** a user who has not logged in for so many days counts as disabled; null: never */
  disableUserAccountDaysInactive: number | null
  /** a new password is good for so many days; null: for ever */
  passwordExpiresDays: number | null
  /** so many last passwords cannot be chosen again */
  uniqueLastPasswordCount: number
  /** days for which a password that its user chose must be kept */
  minimumPasswordAgeDays: number
  /** what a new password must match at its beginning, as Python's re.match reads it; null: anything */
  passwordRegex: string | null
  /** the same in words, for a user who chose another */
  passwordRegexDescription: string | null
  /** a password that somebody else set is good for one thing: to be changed */
  changePasswordUponFirstUse: boolean
  /** age that an AWS signature may have */
  ec2SignatureSeconds: number
  /** how long a receipt stands for the methods that were proved */
  receiptSeconds: number
  /** how many steps of 30 s a passcode may be late */
  totpPreviousWindows: number
  /** how long an OAuth1 request token, and an access token, lives; 0: for ever */
  requestTokenSeconds: number
  accessTokenSeconds: number
  /** failing logins of one address are answered at this rate, however many there are at once */
  loginFailuresPerSecond: number
  /** so many logins of one address may be under way; more are told to come back (429) */
  loginsPerAddress: number
}

export const defaultIdentity: IdentitySettings = {
  lockoutFailureAttempts: null,
  lockoutDurationSeconds: 1800,
  disableUserAccountDaysInactive: null,
  passwordExpiresDays: null,
  uniqueLastPasswordCount: 0,
  minimumPasswordAgeDays: 0,
  passwordRegex: null,
  passwordRegexDescription: null,
  changePasswordUponFirstUse: false,
  ec2SignatureSeconds: 900,
  receiptSeconds: 300,
  totpPreviousWindows: 1,
  requestTokenSeconds: 28_800,
  accessTokenSeconds: 86_400,
  loginFailuresPerSecond: 20,
  loginsPerAddress: 200,
}

// `<data>/settings.yaml`: what an operator sets, in the groups and by the names that Keystone's configuration has. Read once
// at start; what cannot be understood keeps the cloud from starting, so that no rule is believed to hold that does not.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Config } from '../platform/config.ts'
import { defaultIdentity, type IdentitySettings } from '../platform/identity-settings.ts'
import { matchPattern } from '../platform/match-pattern.ts'
import { Complaint } from './complaint.ts'
import { imageGroups, imageSettings } from './image-settings.ts'
import { objectGroup, objectSettings } from './object-settings.ts'
import { flag, groupRead, isGroup, number, orNull, type Option, type Read } from './setting-readers.ts'

const text: Read = (value) => {
  if (typeof value !== 'string') throw new Error('a text')
  return value
}
const pattern: Read = (value) => {
  try {
    matchPattern(text(value) as string)
  } catch (cause) {
    throw new Error('a regular expression without back-references, with look-aheads at its beginning only', { cause })
  }
  return value
}

const year = 366
const option = (setting: keyof IdentitySettings, read: Read): Option<IdentitySettings> => ({ setting, read })

const options: Record<string, Record<string, Option<IdentitySettings>>> = {
  security_compliance: {
    lockout_failure_attempts: option('lockoutFailureAttempts', orNull(number(1, 1000))),
    lockout_duration: option('lockoutDurationSeconds', orNull(number(1, year * 86_400))),
    disable_user_account_days_inactive: option('disableUserAccountDaysInactive', orNull(number(1, 10 * year))),
    password_expires_days: option('passwordExpiresDays', orNull(number(1, 10 * year))),
    unique_last_password_count: option('uniqueLastPasswordCount', number(0, 100)),
    minimum_password_age: option('minimumPasswordAgeDays', number(0, 10 * year)),
    password_regex: option('passwordRegex', orNull(pattern)),
    password_regex_description: option('passwordRegexDescription', orNull(text)),
    change_password_upon_first_use: option('changePasswordUponFirstUse', flag),
  },
  credential: { auth_ttl: option('ec2SignatureSeconds', number(1, 1440, 60)) },
  receipt: { expiration: option('receiptSeconds', number(0, 86_400)) },
  totp: { included_previous_windows: option('totpPreviousWindows', number(0, 10)) },
  oauth1: {
    request_token_duration: option('requestTokenSeconds', number(0, year * 86_400)),
    access_token_duration: option('accessTokenSeconds', number(0, 10 * year * 86_400)),
  },
  logins: {
    failures_per_second: option('loginFailuresPerSecond', number(1, 1000)),
    at_once_per_address: option('loginsPerAddress', number(1, 1000)),
  },
}

type Direct = Pick<Config, 'tokenLifetimeSeconds' | 'timelineKeepDays'>

/** groups that set nothing of Keystone's rules */
const direct: Record<string, Record<string, Option<Direct>>> = {
  token: { expiration: { setting: 'tokenLifetimeSeconds', read: number(60, year * 86_400) } },
  timeline: { keep: { setting: 'timelineKeepDays', read: number(1, 100 * year) } },
}

/** What the file says of the configuration; nothing when there is none. */
export function settingsRead(dataDir: string): Partial<Config> {
  const file = join(dataDir, 'settings.yaml')
  if (!existsSync(file)) return {}
  const wrong = (what: string): never => {
    throw new Complaint(`${file}: ${what} (docs/identity.md, docs/images.md and docs/object-storage.md list the settings)`)
  }
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {}
  } catch (error) {
    return wrong(`it is no YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  if (!isGroup(content)) return wrong('groups with settings are expected')
  const ofImages = imageSettings(content, wrong)
  const identity: IdentitySettings = { ...defaultIdentity }
  const others: Partial<Direct> = {}
  for (const [group, values] of Object.entries(content)) {
    if (imageGroups.includes(group) || group === objectGroup) continue
    if (Object.hasOwn(direct, group)) groupRead(others, values, { group, options: direct[group] ?? {}, wrong })
    else if (Object.hasOwn(options, group)) groupRead(identity, values, { group, options: options[group] ?? {}, wrong })
    else wrong(`there is no group of settings '${group}'`)
  }
  return {
    ...ofImages,
    object: objectSettings(content[objectGroup], wrong),
    identity,
    ...others,
  }
}

// An account's name in paths, and the key of its row: AUTH_<project> is the project's own, SERVICE_<project> the one that a service
// keeps for it.
const ownPrefix = 'AUTH_'

/** A name that is of neither kind has a key that no row has. */
export const accountKey = (account: string): string =>
  account.startsWith(ownPrefix) ? account.slice(ownPrefix.length) : account.startsWith('SERVICE_') ? account : `/${account}`

export const accountName = (key: string): string => (key.startsWith('SERVICE_') ? key : `${ownPrefix}${key}`)

/** A name that no project's account has. */
export const isForeign = (account: string): boolean => !account.startsWith(ownPrefix) && !account.startsWith('SERVICE_')

/** The project that an account's key belongs to. */
export const projectOf = (key: string): string => (key.startsWith('SERVICE_') ? key.slice('SERVICE_'.length) : key)

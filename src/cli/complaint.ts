// What the command says when it cannot go on: one line that tells a person what to do. Anything else that
// reaches the top is a bug, and is shown whole.

/** An outside failure with its remedy; shown as one line, exit code 1. */
export class Complaint extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Complaint'
  }
}

interface SystemError {
  code?: string
  path?: string
  errcode?: number
  address?: string
  port?: number
}

const sqliteFull = 13
const sqliteReadOnly = 8
const sqliteCannotOpen = 14

/** errors whose message is for people */
const forPeople = new Set(['NewerDataError', 'DatabaseUnreachableError', 'SameIdentityError', 'OtherDataDirectoryError', 'PolicyFileError'])

/** The one line for a failure that people meet, or null when it is a bug. */
export function explain(error: unknown, dataDir?: string): string | null {
  if (!(error instanceof Error)) return null
  if (error instanceof Complaint || forPeople.has(error.name)) return error.message
  const { code, path, errcode, address, port } = error as SystemError
  const where = path ?? dataDir ?? 'the data directory'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk that holds ${where} is full: free some space or choose another --data`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission for ${where}: run as its owner, as root, or choose another --data`
    case 'ENOTDIR':
    case 'EEXIST':
      return `${where} is a file where a directory is needed: choose another --data`
    case 'EADDRINUSE':
      return `the address is in use${port === undefined ? '' : ` (port ${port} of ${address})`}: choose another one with --listen (of the S3 API: --s3-listen) ADDR:PORT`
    case 'EADDRNOTAVAIL':
      return 'this machine does not have the address of --listen: choose one that `ip address` shows'
    case 'ERR_SQLITE_ERROR':
      if (errcode === sqliteFull) return `the disk that holds ${where} is full: free some space or choose another --data`
      if (errcode === sqliteReadOnly || errcode === sqliteCannotOpen) return `the database in ${where} cannot be written: run as its owner`
      return null
    default:
      return error.cause ? explain(error.cause, dataDir) : null
  }
}

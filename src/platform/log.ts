// One JSON line per thing worth telling, through pino; the request id and the user's ids go along as fields.
import { existsSync, fstatSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { pino } from 'pino'

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
  /** The line of an answered request: its fields hold nothing secret and nothing long, so that it is written as it is. */
  request(fields: object, message: string): void
}

/** Secrets that must never reach a log line, whatever object carries them. */
const secretPaths = [
  'password',
  '*.password',
  'adminPass',
  '*.adminPass',
  'token',
  '*.token',
  'headers["x-auth-token"]',
  'headers["x-subject-token"]',
]

const mostUnwrittenBytes = 4 * 2 ** 20

/** A file that has grown by so much becomes `<name>.1`, in the place of the one before: no client fills the disk by it. */
const largestFileBytes = 64 * 2 ** 20
/** what somebody sent goes into a line so long at most */
const longestField = 2048

export interface LogFile extends Log {
  flush(): void
  /** Goes on in a file of that name: the old one was moved away. */
  reopen(): void
}

/** Writes to a file descriptor or a path; lines are gathered into blocks of 12 KiB and flushed every second. */
export function createLog(options: { level: string; destination: number | string; largestBytes?: number }): LogFile {
  const { destination, largestBytes = largestFileBytes } = options
  // opened here and now: a process that ends before its log is open has nowhere to put its last words
  const path = typeof destination === 'string' ? destination : null
  const dest = typeof destination === 'string' ? openForAppend(destination) : destination
  const stream = pino.destination({ dest, sync: false, minLength: 12_288, periodicFlush: 1000, maxLength: mostUnwrittenBytes, mode: 0o600 })
  // a full disk: lines are kept and written later, and beyond that bound dropped; there is nowhere to say so
  stream.on('error', () => undefined)
  const log = pino(
    { level: options.level, redact: { paths: secretPaths, censor: '***' }, base: null, formatters: { log: shortened } },
    stream,
  )
  if (path !== null) Object.assign(stream, { file: path }) // what it opens anew: it was made with a descriptor
  const isTold = log.isLevelEnabled('info')
  // pino's own line, made at a third of its price: there is one for each request
  const request = (fields: object, message: string) => {
    if (isTold) stream.write(`{"level":30,"time":${Date.now()},${JSON.stringify(fields).slice(1, -1)},"msg":${JSON.stringify(message)}}\n`)
  }
  const reopen = () => {
    if (path !== null) stream.reopen(path as never)
  }
  let writtenBytes = path === null ? 0 : fstatSync(dest).size
  stream.on('write', (bytes: number) => {
    writtenBytes += bytes
    if (path === null || writtenBytes < largestBytes) return
    writtenBytes = 0
    if (existsSync(path)) renameSync(path, `${path}.1`)
    reopen()
  })
  // pino’s methods are a superset of Log
  return Object.assign(log as unknown as Log, { request, flush: () => stream.flushSync(), reopen })
}

/** The fields with long texts cut. */
function shortened(fields: Record<string, unknown>): Record<string, unknown> {
  for (const key in fields) {
    const value = fields[key]
    if (typeof value === 'string' && value.length > longestField)
      return Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, cut(each)]))
  }
  return fields
}

const cut = (value: unknown): unknown =>
  typeof value === 'string' && value.length > longestField ? `${value.slice(0, longestField)}… (${value.length} characters)` : value

function openForAppend(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a', 0o600)
}

/** Says nothing; for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, request() {}, child: () => silentLog }

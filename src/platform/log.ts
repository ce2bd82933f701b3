// One JSON line per thing worth telling, through pino; the request id and the user's ids go along as fields.
import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { pino } from 'pino'

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

/** Secrets that must never reach a log line, whatever object carries them. */
const secretPaths = ['password', '*.password', 'adminPass', '*.adminPass', 'token', '*.token', 'headers["x-auth-token"]', 'headers["x-subject-token"]']

const mostUnwrittenBytes = 4 * 2 ** 20

/** Writes to a file descriptor or a path; lines are gathered into blocks of 4 KiB and flushed every second. */
export function createLog(options: { level: string; destination: number | string }): Log & { flush(): void } {
  // opened here and now: a process that ends before its log is open has nowhere to put its last words
  const dest = typeof options.destination === 'number' ? options.destination : openForAppend(options.destination)
  const stream = pino.destination({ dest, sync: false, minLength: 4096, periodicFlush: 1000, maxLength: mostUnwrittenBytes })
  // a full disk: lines are kept and written later, and beyond that bound dropped; there is nowhere to say so
  stream.on('error', () => undefined)
  const log = pino({ level: options.level, redact: { paths: secretPaths, censor: '***' }, base: null }, stream)
  return Object.assign(log as unknown as Log, { flush: () => stream.flushSync() })
}

function openForAppend(path: string): number {
  mkdirSync(dirname(path), { recursive: true })
  return openSync(path, 'a', 0o600)
}

/** Says nothing; for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog }

// One JSON line per thing worth telling, through pino; the request id and the user's ids go along as fields.
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

/** Writes to a file descriptor or a path; lines are gathered into blocks of 4 KiB and flushed every second. */
export function createLog(options: { level: string; destination: number | string }): Log & { flush(): void } {
  const stream = pino.destination({ dest: options.destination, sync: false, minLength: 4096, periodicFlush: 1000, append: true, mkdir: true })
  const log = pino({ level: options.level, redact: { paths: secretPaths, censor: '***' }, base: null }, stream)
  return Object.assign(log as unknown as Log, { flush: () => stream.flushSync() })
}

/** Says nothing; for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLog }

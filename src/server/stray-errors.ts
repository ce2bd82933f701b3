// Errors that nobody caught. One of the outside (a peer that hung up, a full disk) is written down and the cloud goes on;
// anything else is a bug, after which memory cannot be trusted: its stack goes to the log and to the crash file, and the
// process ends. Guests and networks go on, and the next `up` finishes what was under way.
import type { Log } from '../platform/log.ts'

const exitCodeOfABug = 70
const hungUp = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
])

/** Whether the cause is outside of this process: a system call failed, or a stream's other end went away. */
function isOutside(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall !== undefined || (code !== undefined && hungUp.has(code))
}

/** From here on no stray error ends the process without a word in the log; rejections that nobody awaits come here too. Returns its end. */
export function watchStrayErrors(log: Log & { flush(): void }): () => void {
  const meet = (error: unknown, origin: string) => {
    if (isOutside(error)) return log.error({ err: error, origin }, 'an error of the outside that nobody waited for')
    log.error({ err: error, origin }, 'a bug: this process ends, guests and networks go on; `stackling up` continues')
    log.flush()
    console.error(error)
    process.exit(exitCodeOfABug)
  }
  process.on('uncaughtException', meet)
  return () => void process.off('uncaughtException', meet)
}

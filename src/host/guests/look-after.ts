// What is done for running guests every few seconds: those that wait for room on the disk go on when there is some, and consoles'
// logs stay short.
import type { Clock } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import { trimConsole } from './console.ts'
import type { Engine } from './engine.ts'
import { hasRoom, waitsForRoom } from './full-disk.ts'

interface Watched {
  engine: Engine
  guestsDir: string
  clock: Clock
  log: Log
  /** in the guest's turn; whether it did */
  goOn(id: string): Promise<boolean>
  tell(id: string): Promise<void>
}

const lookEveryMs = 10_000

/** Until the function that it returns is called. */
export function lookAfter(watched: Watched): () => void {
  const { engine, clock, log } = watched
  let isClosed = false
  let looking = clock.after(lookEveryMs, function look() {
    void Promise.all([wakeWaiting(watched), ...[...engine.live.keys()].map((id) => trimConsole(engine.dirOf(id)))])
      .catch((error) => log.warn({ error: String(error) }, 'guests could not be looked after'))
      .finally(() => {
        if (!isClosed) looking = clock.after(lookEveryMs, look)
      })
  })
  return () => {
    isClosed = true
    looking.cancel()
  }
}

/** Guests whose disks have room again go on. */
async function wakeWaiting({ engine, guestsDir, log, goOn, tell }: Watched): Promise<void> {
  const waiting = [...engine.live.values()].filter(waitsForRoom)
  if (waiting.length === 0 || !(await hasRoom(guestsDir))) return
  for (const { id } of waiting) {
    if (!(await goOn(id))) continue
    log.info({ guest: id }, 'there is room again: the guest goes on')
    await tell(id)
  }
}

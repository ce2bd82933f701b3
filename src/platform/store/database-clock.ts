// The clock of a cloud whose control processes share a database: the database's own. Leases, deadlines and signs of life
// are written by one process and judged by another, whose machine's clock may be minutes off (docs/decisions/0006). Asked
// now and then; between two questions time goes on as the machine's steady clock does, which nobody can set.
import { sql } from 'kysely'
import { delay, type Clock, type SteadyClock, type Timer } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Db } from './store.ts'

/** the machines' steady clocks drift apart by less than a millisecond in this time */
const askEveryMs = 10_000
/** An answer under way for so long says too little: it may be wrong by half of it. A lease is thirty times as long. */
const longestAnswerMs = 1_000
const mostFirstQuestions = 10
const betweenFirstQuestionsMs = 500

export interface DatabaseClock extends Clock {
  stop(): void
}

export interface DatabaseClockParts {
  /** asks the database for its time */
  read(): Promise<number>
  own: SteadyClock
  log: Log
}

/** Resolves when it is known what time it is. */
export async function databaseClock({ read, own, log }: DatabaseClockParts): Promise<DatabaseClock> {
  let aheadMs = 0
  let timer: Timer | null = null
  let stopped = false

  /** False when the answer took too long to be believed. */
  async function ask(): Promise<boolean> {
    const askedMs = own.steadyMs()
    const toldMs = await read()
    const answeredMs = own.steadyMs()
    if (answeredMs - askedMs > longestAnswerMs) return false
    aheadMs = toldMs - (askedMs + answeredMs) / 2
    return true
  }

  function askLater(): void {
    timer = own.after(askEveryMs, () => {
      ask()
        .catch((error: unknown) => log.warn({ err: error }, 'the database does not say what time it is; it is asked again'))
        .finally(() => void (stopped || askLater()))
    })
  }

  for (let asked = 1; !(await ask()); asked++) {
    if (asked === mostFirstQuestions)
      throw new Error(`the database took more than ${longestAnswerMs} ms to say what time it is, ${asked} times`)
    await delay(own, betweenFirstQuestionsMs)
  }
  askLater()
  return {
    nowMs: () => Math.floor(own.steadyMs() + aheadMs),
    after: (ms, fn) => own.after(ms, fn),
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** PostgreSQL's time of day, in a transaction too. */
export async function postgresNowMs(db: Db): Promise<number> {
  const { rows } = await sql<{ now_ms: number }>`select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now_ms`.execute(
    db.as(),
  )
  return rows[0]?.now_ms ?? Number.NaN
}

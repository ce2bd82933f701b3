// Writes that share transactions. What asks while one transaction is on its way to the disk goes into the next one together, each in a
// savepoint with a verdict of its own: so many writers share one begin, one commit and one fsync. Alone, a write waits for nothing.
import { isSerializationFailure, isStorageFull, type Db, type Store } from '../../platform/store/store.ts'
import { savepoint } from '../store/savepoint.ts'

/** May run again, in another transaction, after it lost against another process: it only touches rows. */
type Work<T> = (db: Db) => Promise<T>

interface Waiting {
  work: Work<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

type Verdict = { value: unknown } | { error: unknown }

/** At about 100 µs each: the process does nothing else meanwhile. */
const mostInRound = 64

export class WriteQueue {
  #store: Store
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(store: Store) {
    this.#store = store
  }

  /** Resolves when it is on the disk; rejects with what `work` threw, whose rows are then as they were. */
  write<T>(work: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // each gets back what its own work gave
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      const round = this.#waiting.splice(0, mostInRound)
      try {
        const verdicts = await this.#store.transaction((db) => verdictsOf(db, round))
        round.forEach(({ resolve, reject }, index) => settle(verdicts[index], resolve, reject))
      } catch (error) {
        for (const { reject } of round) reject(error)
      }
    }
    this.#isRunning = false
  }
}

function settle(verdict: Verdict | undefined, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  if (verdict && 'value' in verdict) resolve(verdict.value)
  else reject(verdict?.error)
}

async function verdictsOf(db: Db, round: Waiting[]): Promise<Verdict[]> {
  const [only, ...others] = round
  if (only && others.length === 0) return [{ value: await only.work(db) }]
  const verdicts: Verdict[] = []
  for (const { work } of round) verdicts.push(await verdictOf(db, work))
  return verdicts
}

/** What ends the whole transaction is no verdict: it was lost and is tried again, or the disk is full. */
async function verdictOf(db: Db, work: Work<unknown>): Promise<Verdict> {
  const part = partOf(db)
  await savepoint.begin(db)
  try {
    const value = await work(part.db)
    await savepoint.end(db)
    part.keep()
    return { value }
  } catch (error) {
    if (isSerializationFailure(error) || isStorageFull(error)) throw error
    await savepoint.undo(db)
    return { error }
  }
}

/** What one write wants done before and after the commit is done when it is in it. */
function partOf(db: Db): { db: Db; keep(): void } {
  const before: (() => Promise<void>)[] = []
  const after: (() => void)[] = []
  return {
    db: { ...db, beforeCommit: (fn) => void before.push(fn), afterCommit: (fn) => void after.push(fn) },
    keep() {
      for (const fn of before) db.beforeCommit(fn)
      for (const fn of after) db.afterCommit(fn)
    },
  }
}

// Since which hour blobs may lie here that no row names: written before the first blob of a process, removed when it ends well. What a
// crash left is looked for in the directories of those hours, and not in all.
import { cache, type Platform } from '../../platform/context.ts'
import type { Store } from '../../platform/store/store.ts'
import { markDelete, markFetch, markInsertMissing, markSet } from '../store/marks.ts'
import type { BlobStore } from './blob-store.ts'
import { hourBefore, hourOf } from './hours.ts'

const mark = 'running'

class Running {
  #store: Store
  /** of a process that died: read before this one writes its own */
  #left: Promise<string | null> | null = null
  #noted: Promise<void> | null = null

  constructor(store: Store) {
    this.#store = store
  }

  left(): Promise<string | null> {
    this.#left ??= markFetch(this.#store, mark).then((hour) => hour ?? null)
    this.#left.catch(() => (this.#left = null))
    return this.#left
  }

  note(hour: string): Promise<void> {
    this.#noted ??= this.left().then(() => this.#store.transaction((db) => markInsertMissing(db, mark, hour)))
    this.#noted.catch(() => (this.#noted = null))
    return this.#noted
  }

  async swept(hour: string): Promise<void> {
    await this.#store.transaction((db) => (this.#noted ? markSet(db, mark, hour) : markDelete(db, mark)))
    this.#left = Promise.resolve(null)
  }

  async end(): Promise<void> {
    if (this.#noted && (await this.left()) === null) await this.#store.transaction((db) => markDelete(db, mark))
  }
}

const running = (platform: Platform, store: Store): Running => cache(platform, 'object.running', () => new Running(store))

/** An hour early: clocks are set. */
const since = ({ clock }: Platform): string => hourBefore(hourOf(clock.nowMs()))

/** Before a blob is begun. An earlier process's hour stays until its blobs were swept. */
export const runningNote = (platform: Platform, store: Store): Promise<void> => running(platform, store).note(since(platform))

/** The first hour to sweep when an earlier process did not end well; null: nothing to do. */
export const runningLeft = (platform: Platform, store: Store): Promise<string | null> => running(platform, store).left()

/** What the earlier process left was swept. */
export const runningSwept = (platform: Platform, store: Store): Promise<void> => running(platform, store).swept(since(platform))

/** The process ends. What waits for its row until the last is left behind, and swept when the next begins. */
export async function runningEnd(platform: Platform, store: Store): Promise<void> {
  const blobs = platform.caches.get('object.blobs') as Pick<BlobStore, 'pending'> | undefined
  if ((blobs?.pending.size ?? 0) === 0) await running(platform, store).end()
}

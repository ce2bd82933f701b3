// Following a store's timeline: page after page from a number on, and then whatever comes. A follower is woken by the commits of
// its own process; those of others it finds by looking once a second, which costs one small query a process and follower.
import type { Platform } from '../context.ts'
import { cursorFetch, cursorSave, eventsAfter, type EventFilter, type EventsPage } from './after.ts'
import { timelineOnWake } from './wake.ts'

/** others write too */
const sharedPollMs = 1_000
/** alone, every commit wakes; this is for what nobody thought of */
const alonePollMs = 60_000
/** a number is missing whose transaction may still run: most end within milliseconds */
const pendingPollMs = 20

export interface FollowOptions extends EventFilter {
  /**
   * Begins where the follower of this name was, and keeps how far it got when it asks for the next page: at least once. Whoever
   * needs exactly once calls `cursorSave` in the transaction that does what a page calls for.
   */
  name?: string
  /** begins after this number, when there is no name */
  after?: number
  limit?: number
  signal: AbortSignal
}

type Parts = Pick<Platform, 'store' | 'clock' | 'exclusive'>

/** Pages that hold lines, or the news that some were cut before they were read; until the signal aborts. */
export async function* eventsFollow(
  { store, clock, exclusive }: Parts,
  { name, after = 0, signal, ...wanted }: FollowOptions,
): AsyncGenerator<EventsPage> {
  const sleep = sleeper({ store, clock, exclusive }, signal)
  let cursor = name === undefined ? after : await cursorFetch(store, cursorName(name))
  let saved = cursor
  let toldUntil = 0
  try {
    while (!signal.aborted) {
      const page = await eventsAfter(store, cursor, wanted)
      const gap = page.gap && page.gap.until > toldUntil ? page.gap : null
      toldUntil = gap?.until ?? toldUntil
      cursor = page.cursor
      if (gap || page.events.length > 0) {
        yield { ...page, gap }
        if (name !== undefined && cursor > saved) await cursorSave(store, cursorName(name), (saved = cursor))
      }
      if (!page.more) await sleep.for(page.pending ? pendingPollMs : exclusive ? alonePollMs : sharedPollMs)
    }
  } finally {
    sleep.end()
  }
}

/** As `cursorFetch` and `cursorSave` know it. */
const cursorName = (follower: string): string => `follower/${follower}`

/** Sleeps until a commit, the abort, or for so long; what comes between two sleeps ends the next at once. */
function sleeper({ store, clock }: Parts, signal: AbortSignal) {
  let isWoken = false
  let rise: (() => void) | null = null
  const wake = () => {
    isWoken = true
    rise?.()
  }
  const forget = timelineOnWake(store, wake)
  signal.addEventListener('abort', wake, { once: true })
  return {
    async for(ms: number): Promise<void> {
      const risen = Promise.withResolvers<void>()
      rise = risen.resolve
      const timer = clock.after(ms, risen.resolve)
      if (!isWoken) await risen.promise
      timer.cancel()
      rise = null
      isWoken = false
    },
    end() {
      forget()
      signal.removeEventListener('abort', wake)
    },
  }
}

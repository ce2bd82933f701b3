// Waits for a state instead of for a time. The limit is for what never comes: no test passes or fails by how fast the machine is.
import { setTimeout as pause } from 'node:timers/promises'

const limitMs = 60_000
const pauseMs = 5
/** between questions that cost a process or a request to a guest */
const longPauseMs = 100

/** Asks until the answer is something other than false, null or undefined, and returns it; fails with the question's own source. */
export const until = <T>(ask: () => T | Promise<T>): Promise<T> => asked(String(ask), { limitMs, pauseMs }, ask)

/** The same for what takes its time: at most so long, and the failure names what was waited for. */
export const untilWithin = <T>(what: string, mostMs: number, ask: () => Promise<T | undefined>): Promise<T> =>
  asked(what, { limitMs: mostMs, pauseMs: longPauseMs }, ask) as Promise<T>

async function asked<T>(what: string, limits: { limitMs: number; pauseMs: number }, ask: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + limits.limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== null && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waited ${limits.limitMs / 1000} s for ${what}`)
    await pause(limits.pauseMs)
  }
}

// Waits for a state instead of for a time.
import { setTimeout as pause } from 'node:timers/promises'

const pauseMs = 300

/** Asks again and again until the answer is something; gives up after the limit, naming what was waited for. */
export async function until<T>(what: string, limitMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`)
    await pause(pauseMs)
  }
}

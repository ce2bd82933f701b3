// Switching a running guest's power over QMP: asking it to shut down, pausing, going on. Starting is engine.ts's,
// the memory of a suspended guest is memory.ts's.
import type { Clock } from '../../platform/clock.ts'
import { HostError } from '../../contract/call.ts'
import type { LiveGuest } from './engine.ts'
import { QmpClosed } from './qmp.ts'

/** A guest in its boot loader does not hear the power button: it is pressed again. */
const pressAgainMs = 5_000

export interface ShutdownOptions {
  clock: Clock
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/** Presses the power button and waits. True: the guest has shut down; false: it did not within its time. */
export async function askToShutDown({ qmp, runState }: LiveGuest, { clock, timeoutMs, signal }: ShutdownOptions): Promise<boolean> {
  if (runState === 'shutdown') return true
  if (runState !== 'running') return false
  const untilMs = clock.nowMs() + timeoutMs
  try {
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
      const shutdown = qmp.nextEvent('SHUTDOWN', { timeoutMs: Math.min(pressAgainMs, leftMs), signal })
      await qmp.execute('system_powerdown').catch(unlessItHangs)
      if (await shutdown) return true
    }
    return false
  } catch (error) {
    if (error instanceof QmpClosed) return true // it is gone: that was wanted
    throw error
  }
}

/** A QEMU that does not answer is a guest that does not listen. */
function unlessItHangs(error: unknown): void {
  if (!(error instanceof HostError && error.code === 'unreachable')) throw error
}

/** Stops the processors; the memory stays. */
export async function pause(guest: LiveGuest): Promise<void> {
  if (guest.runState === 'shutdown') throw new HostError('conflict', 'the guest has shut down')
  await guest.qmp.execute('stop')
  guest.runState = 'paused'
  guest.fault = null // from now on it is paused because somebody wants it so
}

/** Lets the processors run on, after a pause, a full disk or a saved memory. */
export async function proceed(guest: LiveGuest): Promise<void> {
  await guest.qmp.execute('cont')
  guest.runState = 'running'
  guest.fault = null
}

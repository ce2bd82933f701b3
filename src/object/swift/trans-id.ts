// X-Trans-Id: `tx`, 21 hex digits, the time in ten, and what the client adds.
import type { Platform } from '../../platform/context.ts'
import { quoted } from './path.ts'

const longestExtra = 32

export function transIdOf({ ids, clock }: Platform, extra: string | undefined): string {
  const seconds = Math.floor(clock.nowMs() / 1000)
  const id = `tx${ids.hex().slice(0, 21)}-${seconds.toString(16).padStart(10, '0')}`
  return extra === undefined || extra === '' ? id : `${id}-${quoted(extra.slice(0, longestExtra), '')}`
}

// The cloud's key repositories, kept in memory: tokens, receipts and stored credentials do not share keys. What does not
// open is tried again with the keys that another process may have rotated in since.
import { join } from 'node:path'
import { cache, type Platform } from '../../platform/context.ts'
import { keysLoad, keysVersion, type Keys } from '../backends/key-repository.ts'
import { fernetOpen, fernetSeal } from './fernet.ts'

export type KeyUse = 'token' | 'receipt' | 'credential'

export const keyFolder = (platform: { config: { dataDir: string } }, use: KeyUse): string => join(platform.config.dataDir, 'keys', use)

const cacheName = (use: KeyUse): string => `identity.keys.${use}`

const keysOf = (platform: Platform, use: KeyUse): Keys =>
  cache(platform, cacheName(use), () => keysLoad(keyFolder(platform, use), platform.ids))

/** Reads the keys anew at their next use. */
export const keysForget = (platform: { caches: Map<string, unknown> }, use: KeyUse): void => void platform.caches.delete(cacheName(use))

export const seal = (platform: Platform, use: KeyUse, plain: Buffer): string =>
  fernetSeal(plain, { key: keysOf(platform, use).primary, iv: platform.ids.bytes(16), nowMs: platform.clock.nowMs() })

export function open(platform: Platform, use: KeyUse, text: string): Buffer | null {
  const keys = keysOf(platform, use)
  const plain = fernetOpen(text, keys.all)
  if (plain || keysVersion(keyFolder(platform, use)) === keys.version) return plain
  keysForget(platform, use)
  return fernetOpen(text, keysOf(platform, use).all)
}

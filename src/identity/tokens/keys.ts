// The cloud's two key repositories, read once: tokens and stored credentials do not share keys.
import { join } from 'node:path'
import { cache, type Platform } from '../../platform/context.ts'
import { keysLoad, type Keys } from '../backends/key-repository.ts'
import { fernetOpen, fernetSeal } from './fernet.ts'

export type KeyUse = 'token' | 'credential'

export const keyFolder = (platform: Platform, use: KeyUse): string => join(platform.config.dataDir, 'keys', use)

const keysOf = (platform: Platform, use: KeyUse): Keys => cache(platform, `identity.keys.${use}`, () =>
  keysLoad(keyFolder(platform, use), platform.ids))

export const seal = (platform: Platform, use: KeyUse, plain: Buffer): string =>
  fernetSeal(plain, { key: keysOf(platform, use).primary, iv: platform.ids.bytes(16), nowMs: platform.clock.nowMs() })

export const open = (platform: Platform, use: KeyUse, text: string): Buffer | null => fernetOpen(text, keysOf(platform, use).all)

// Ids and randomness, passed in, so that a seed can replay a run. `systemIds` is the only reader of the
// machine's random source.
import { randomBytes, randomUUID } from 'node:crypto'

export interface Ids {
  /** 8-4-4-4-12, version 4 */
  uuid(): string
  /** 32 hex digits: Keystone's ids */
  hex(): string
  bytes(count: number): Buffer
  /** 0 ≤ x < 1; for jitter and tie-breaking, never for secrets */
  fraction(): number
}

export const systemIds: Ids = {
  uuid: () => randomUUID(),
  hex: () => randomUUID().replaceAll('-', ''),
  bytes: (count) => randomBytes(count),
  fraction: () => randomBytes(4).readUInt32BE() / 0x1_0000_0000,
}

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** What oslo's is_uuid_like accepts, with or without dashes. */
export const isUuidLike = (text: string): boolean => uuidPattern.test(text)

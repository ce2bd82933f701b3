// Answers a guest's request to 169.254.169.254: who asks is found by where the request came from, never by what
// it says (attack-26).
import type { MetadataSource } from '../../host/contract.ts'
import type { Platform } from '../../platform/context.ts'

/** What the hosts' metadata proxies ask. */
export function metadataSource(_platform: Platform): MetadataSource {
  throw new Error('not yet')
}

// The day's signing key of an access key, kept with the access key itself: identity hands out another one as soon as its revision
// moved (or after a minute), so that a key which was deleted signs nothing here.
import type { AccessKey } from '../../../identity/index.ts'
import { hmac, type Scope } from './canonical.ts'

/** days, regions and services that one access key is used with at a time */
const scopesAtMost = 8

const known = new WeakMap<AccessKey, Map<string, Buffer>>()

export function signingKey(key: AccessKey, { date, region, service }: Scope): Buffer {
  let ofKey = known.get(key)
  if (!ofKey) known.set(key, (ofKey = new Map()))
  const name = `${date}/${region}/${service}`
  const found = ofKey.get(name)
  if (found) return found
  const made = signingKeyMake(key.secret, { date, region, service })
  if (ofKey.size >= scopesAtMost) ofKey.clear()
  ofKey.set(name, made)
  return made
}

export const signingKeyMake = (secret: string, { date, region, service }: Scope): Buffer =>
  [date, region, service, 'aws4_request'].reduce<Buffer>((key, part) => hmac('sha256', key, part), Buffer.from(`AWS4${secret}`))

// What a bucket policy can ask of a request, by the keys of its conditions: who and whence, by which connection, when, of which
// object. What only the S3 door knows (prefix, headers) comes with the question.
import { isoSeconds } from '../../../platform/clock.ts'
import type { Question } from '../question.ts'
import type { Facts } from './conditions.ts'
import type { Tags } from './settings.ts'

const tagPrefix = 's3:existingobjecttag/'

/** `arn:aws:iam::PROJECT:user/USER`, as policies name users. */
const userArn = (projectId: string | null, userId: string): string => `arn:aws:iam::${projectId ?? ''}:user/${userId}`

export function requestFacts(question: Question, nowMs: number): Facts {
  const { who, account, source, referrer, secure, facts = {} } = question
  const known = new Map<string, readonly string[] | undefined>([
    ['aws:currenttime', [isoSeconds(nowMs)]],
    ['aws:epochtime', [String(Math.floor(nowMs / 1000))]],
    ['aws:securetransport', secure === undefined ? undefined : [String(secure)]],
    ['aws:sourceip', source === undefined ? undefined : [source]],
    ['aws:referer', referrer === undefined ? undefined : [referrer]],
    ['aws:principaltype', [who ? 'User' : 'Anonymous']],
    ['aws:userid', who ? [who.userId] : ['anonymous']],
    ['aws:username', who ? [who.userName] : undefined],
    ['aws:principalaccount', who?.projectId ? [who.projectId] : undefined],
    ['aws:principalarn', who ? [userArn(who.projectId, who.userId)] : undefined],
    ['aws:resourceaccount', [account]],
    ['s3:resourceaccount', [account]],
  ])
  const tags = question.object?.system['tags'] as Tags | undefined
  return (key) => {
    if (key.startsWith(tagPrefix)) {
      const name = Object.keys(tags ?? {}).find((each) => each.toLowerCase() === key.slice(tagPrefix.length))
      return name === undefined ? undefined : [tags?.[name] ?? '']
    }
    return known.get(key) ?? (Object.hasOwn(facts, key) ? facts[key] : undefined)
  }
}

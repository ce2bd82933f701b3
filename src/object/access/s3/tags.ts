// Tags of buckets and objects: how many, how long, which characters.
import type { Tags } from './settings.ts'

/** What is wrong with tags: the code and the words of S3. */
export class TagFault extends Error {
  code: 'InvalidTag' | 'BadRequest'
  constructor(code: 'InvalidTag' | 'BadRequest', message: string) {
    super(message)
    this.code = code
  }
}

const objectTagsMax = 10
const bucketTagsMax = 50
const keyMax = 128
const valueMax = 256

// letters, digits and blanks of every script, and these signs
const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** Checks pairs, in the order they were given. */
export function tagsChecked(pairs: readonly (readonly [string, string])[], on: 'bucket' | 'object'): Tags {
  const [max, word] = on === 'bucket' ? [bucketTagsMax, 'Bucket tag count'] : [objectTagsMax, 'Object tags']
  if (pairs.length > max) throw new TagFault('BadRequest', `${word} cannot be greater than ${max}`)
  const tags = new Map<string, string>()
  for (const [key, value] of pairs) {
    if (key === '' || [...key].length > keyMax || !allowed.test(key) || key.toLowerCase().startsWith('aws:'))
      throw new TagFault('InvalidTag', 'The TagKey you have provided is invalid')
    if ([...value].length > valueMax || !allowed.test(value)) throw new TagFault('InvalidTag', 'The TagValue you have provided is invalid')
    if (tags.has(key)) throw new TagFault('InvalidTag', 'Cannot provide multiple Tags with the same key')
    tags.set(key, value)
  }
  return Object.fromEntries(tags)
}

/** The header x-amz-tagging: `key=value&key2=value2`, URL-encoded. */
export function tagPairsOf(header: string): [string, string][] {
  if (header === '') return []
  return header.split('&').map((pair) => {
    const at = pair.indexOf('=')
    const [key, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    return [decoded(key), decoded(value)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // what cannot be decoded is no tag: its key is refused by the rules for characters
    throw new TagFault('InvalidTag', 'The header x-amz-tagging is not URL-encoded UTF-8')
  }
}

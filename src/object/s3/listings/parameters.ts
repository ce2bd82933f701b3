// What listings take from the query: how many, and names written so that XML can hold them.
import { invalidArgument } from '../errors.ts'
import type { S3Request } from '../request.ts'
import { percentEncoded } from '../sign/canonical.ts'

const pageAtMost = 1_000
const intAtMost = 2_147_483_647

export interface Limit {
  /** as it was asked for, which is what the answer says */
  asked: number
  /** as it is heeded */
  limit: number
}

/** `max-keys` and its kin: a number beyond a thousand is said again and heeded as a thousand. */
export function limitOf({ query }: S3Request, name: string): Limit {
  const text = query.get(name)
  if (text === undefined || text === '') return { asked: pageAtMost, limit: pageAtMost }
  if (!/^-?\d{1,20}$/.test(text) || Number(text) > intAtMost) {
    throw invalidArgument(name, text, `Provided ${text} not an integer or within integer range`)
  }
  const asked = Number(text)
  if (asked < 0) throw invalidArgument(name, text, `Argument ${text} must be an integer between 0 and 2147483647`)
  return { asked, limit: Math.min(asked, pageAtMost) }
}

export interface Encoding {
  /** as the answer says it; undefined: names are as they are */
  type: 'url' | undefined
  encoded(name: string): string
}

export function encodingOf({ query }: S3Request): Encoding {
  const word = query.get('encoding-type')
  if (word === undefined || word === '') return { type: undefined, encoded: (name) => name }
  if (word.toLowerCase() !== 'url') throw invalidArgument('encoding-type', word, 'Invalid Encoding Method specified in Request')
  return { type: 'url', encoded: urlEncoded }
}

const urlEncoded = (name: string): string => name.split('/').map(percentEncoded).join('/')

/** An empty parameter is as none. */
export const given = ({ query }: S3Request, name: string): string | undefined => query.get(name) || undefined

/** A token says where the next page begins, in a form that nobody is to read. */
export const tokenMake = (last: string): string => Buffer.from(last).toString('base64url')

export function tokenRead(token: string): string {
  const last = Buffer.from(token, 'base64url').toString('utf8')
  if (last === '' || tokenMake(last) !== token.replaceAll('=', '')) {
    throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect')
  }
  return last
}

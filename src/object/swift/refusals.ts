// Refusals of the Swift door, and the one table that says in Swift's words what the engine refuses.
import { table } from '../../platform/table.ts'
import { ApiError } from '../../platform/errors.ts'
import { ObjectRefusal } from '../refusal.ts'
import { swiftError, type Headers, type SwiftAnswer } from './answer.ts'

export class SwiftRefusal extends Error {
  readonly answer: SwiftAnswer
  constructor(status: number, text?: string, headers: Headers = {}) {
    super(text ?? `${status}`)
    this.name = 'SwiftRefusal'
    this.answer = swiftError(status, text, headers)
  }
}

type Turned = number | ((facts: Record<string, unknown>) => SwiftAnswer)

const tooLarge = swiftError(413, 'Upload exceeds quota.')

const turns = table<Turned>({
  'no-account': 404,
  'account-deleted': () => swiftError(410, undefined, { 'x-account-status': 'Deleted' }),
  'no-container': 404,
  // the one that older versions should go to
  'no-archive': 412,
  'no-object': 404,
  'no-version': 404,
  'no-upload': 404,
  'no-part': 404,
  'part-order': 400,
  'part-small': 400,
  'not-empty': () => swiftError(409, 'There was a conflict when trying to complete your request.'),
  exists: () => swiftError(409, 'The name is taken by another account.'),
  quota: () => ({ ...tooLarge, headers: { ...tooLarge.headers } }),
  precondition: ({ condition }) => swiftError(condition === 'if-modified-since' ? 304 : 412),
  locked: () => swiftError(403, 'The object is locked.'),
  'bad-etag': 422,
  'too-large': () => swiftError(413, 'Your request is too large.'),
  short: 499,
  full: 507,
  rotten: 404,
  'bad-request': ({ why }) => swiftError(400, typeof why === 'string' ? why : undefined),
})

/** The answer that a refusal is; null for what is none. */
export function refusalAnswer(thrown: unknown): SwiftAnswer | null {
  if (thrown instanceof SwiftRefusal) return { ...thrown.answer, headers: { ...thrown.answer.headers } }
  if (thrown instanceof ApiError && thrown.isRefusal) return swiftError(thrown.status, thrown.message)
  if (!(thrown instanceof ObjectRefusal)) return null
  const turned = turns[thrown.kind]
  if (turned === undefined) return null
  return typeof turned === 'number' ? swiftError(turned) : turned(thrown.facts as Record<string, unknown>)
}

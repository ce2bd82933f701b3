// What object storage refuses. The engine says the kind and the facts; each door has one table that turns a kind into a status and words
// of its own.

export type RefusalKind =
  | 'no-account'
  | 'account-deleted'
  | 'no-container'
  | 'no-object'
  | 'no-version'
  | 'no-upload'
  | 'no-part'
  | 'no-archive'
  | 'part-order'
  | 'part-small'
  | 'bad-segment'
  | 'not-empty'
  | 'exists'
  | 'quota'
  | 'precondition'
  | 'locked'
  | 'bad-etag'
  | 'bad-digest'
  | 'bad-key'
  | 'bad-request'
  | 'too-large'
  | 'short'
  | 'full'
  | 'rotten'

export class ObjectRefusal extends Error {
  readonly kind: RefusalKind
  readonly facts: Readonly<Record<string, unknown>>
  constructor(kind: RefusalKind, facts: Record<string, unknown> = {}) {
    super(`object storage refuses: ${kind}`)
    this.name = 'ObjectRefusal'
    this.kind = kind
    this.facts = facts
  }
}

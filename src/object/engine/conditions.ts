// What a request may ask of an object before it is changed: compared in the transaction that changes it.
import { ObjectRefusal } from '../refusal.ts'
import type { ObjectRow } from '../store/tables.ts'

export interface Conditions {
  /** ETags without quotes; '*': any object */
  ifMatch?: readonly string[] | '*' | undefined
  ifNoneMatch?: readonly string[] | '*' | undefined
  ifModifiedSinceUs?: number | undefined
  ifUnmodifiedSinceUs?: number | undefined
  ifBytes?: number | undefined
  /** of the same second */
  ifModifiedUs?: number | undefined
}

/** The second that Last-Modified names: it is rounded up. */
const secondOf = (us: number): number => Math.ceil(us / 1_000_000)

const matches = (wanted: readonly string[] | '*', { etag }: ObjectRow): boolean => wanted === '*' || wanted.includes(etag)

/** Throws 'precondition' when the object, or that there is none, is not as the request wants it. */
export function conditionsCheck(current: ObjectRow | undefined, conditions: Conditions | undefined): void {
  if (!conditions) return
  const refuse = (condition: string) => new ObjectRefusal('precondition', { condition, exists: current !== undefined })
  const { ifMatch, ifNoneMatch, ifModifiedSinceUs, ifUnmodifiedSinceUs, ifBytes, ifModifiedUs } = conditions
  if (ifNoneMatch && current && matches(ifNoneMatch, current)) throw refuse('if-none-match')
  if (ifMatch && !(current && matches(ifMatch, current))) throw refuse('if-match')
  if (!current) {
    if (ifBytes !== undefined) throw refuse('if-bytes')
    if (ifModifiedUs !== undefined) throw refuse('if-modified')
    return
  }
  const modified = secondOf(current.modified_us)
  if (ifModifiedSinceUs !== undefined && modified <= secondOf(ifModifiedSinceUs)) throw refuse('if-modified-since')
  if (ifUnmodifiedSinceUs !== undefined && modified > secondOf(ifUnmodifiedSinceUs)) throw refuse('if-unmodified-since')
  if (ifBytes !== undefined && ifBytes !== current.bytes) throw refuse('if-bytes')
  if (ifModifiedUs !== undefined && secondOf(ifModifiedUs) !== modified) throw refuse('if-modified')
}

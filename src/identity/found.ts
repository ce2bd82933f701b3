// "Could not find …", in Keystone's words, and the checks that several resources share.
import { badRequest, conflict, forbidden, notFound } from '../platform/errors.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import type { Options } from './store/tables.ts'

export const missing = (what: string, id: string) => notFound(`Could not find ${what}: ${id}.`)

/** The row, or 404 with Keystone's text. Ask the policy first: an actor who may not see it must not learn that it is not there. */
export function existing<Row>(row: Row | undefined | null, what: string, id: string): Row {
  if (row === undefined || row === null) throw missing(what, id)
  return row
}

/** A broken unique constraint becomes 409. */
export function orConflict(what: string, text: string): (error: unknown) => never {
  return (error) => {
    throw isUniqueViolation(error) ? conflict(`Conflict occurred attempting to store ${what} - ${text}.`) : error
  }
}

export const duplicateName = (name: string, domainId: string) => `Duplicate entry found with name ${name} at domain ID ${domainId}`

/** A PATCH may repeat the id, not change it. */
export function sameId(id: string, given: unknown): void {
  if (given !== undefined && given !== id) throw badRequest('Cannot change ID')
}

/** What is marked immutable cannot be changed or deleted, except that the mark itself can be taken off. */
export function refuseImmutable(
  row: { id: string; options: Options },
  what: string,
  change?: { options?: Record<string, unknown> | undefined },
): void {
  if (row.options.immutable !== true) return
  const unmarking = change?.options !== undefined && 'immutable' in change.options && change.options['immutable'] !== true
  if (unmarking) return
  throw forbidden(`Cannot ${change ? 'modify' : 'delete'} resource ${row.id} of type ${what} because it is marked immutable.`)
}

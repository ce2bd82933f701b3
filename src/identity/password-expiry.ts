// The question for users by when their passwords expire: `lt:2026-12-08T22:02:00Z`, or a time alone for just that one.
import { badRequest } from '../platform/errors.ts'
import { table } from '../platform/table.ts'
import { timeMs } from './expiry.ts'
import type { UserRow } from './store/tables.ts'

const operators: Record<string, (held: number, asked: number) => boolean> = table({
  lt: (held, asked) => held < asked,
  lte: (held, asked) => held <= asked,
  gt: (held, asked) => held > asked,
  gte: (held, asked) => held >= asked,
  eq: (held, asked) => held === asked,
  neq: (held, asked) => held !== asked,
})

/** Does a row's password expire as asked? One that never expires is in no answer, as in SQL. */
export function expiringAs(asked: string | undefined): (row: UserRow) => boolean {
  if (asked === undefined) return () => true
  const [, operator = 'eq', text = asked] = /^([a-z]{2,}):(.*)$/.exec(asked) ?? []
  const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined
  if (!compare)
    throw badRequest(
      `The given operator ${operator} is not valid. It must be one of the following: 'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'.`,
    )
  const atMs = timeMs(text)
  if (Number.isNaN(atMs))
    throw badRequest(
      'Timestamp not in expected format. The server could not comply with the request since it is either ' +
        'malformed or otherwise incorrect. The client is assumed to be in error.',
    )
  return ({ password_expires_at: at }) => at !== null && compare(Date.parse(at), atMs)
}

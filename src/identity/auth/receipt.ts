// Receipts: a user who has proved some of the methods that their rules ask for, not yet all, gets a sealed note of them, good for a few
// minutes and for nothing but to go on with. A new password, or whatever else voids the user's tokens, voids it too.
import type { Context } from '../../platform/context.ts'
import { unauthorized } from '../../platform/errors.ts'
import { projects, type ProjectRow, type UserRow } from '../store/tables.ts'
import { open, seal } from '../tokens/keys.ts'
import { rulesBegun } from './rules.ts'

const longestReceipt = 2048

type Content = [version: 1, userId: string, userEpoch: number, methods: string[], issuedAtMs: number, expiresAtMs: number]

export interface Receipt {
  text: string
  user: UserRow
  domain: ProjectRow | undefined
  methods: string[]
  required: string[][]
  issuedAtMs: number
  expiresAtMs: number
}

export async function receiptMake(ctx: Context, user: UserRow, methods: string[]): Promise<Receipt> {
  const issuedAtMs = Math.floor(ctx.clock.nowMs() / 1000) * 1000
  const expiresAtMs = issuedAtMs + ctx.config.identity.receiptSeconds * 1000
  const content: Content = [1, user.id, user.epoch, methods, issuedAtMs, expiresAtMs]
  return {
    text: seal(ctx.platform, 'receipt', Buffer.from(JSON.stringify(content))),
    user,
    domain: await projects.fetch(ctx.db, user.domain_id),
    methods,
    required: rulesBegun(user, methods),
    issuedAtMs,
    expiresAtMs,
  }
}

/** The methods that a receipt stands for; refused when it is not this user's, not good any more, or not ours. */
export function receiptMethods(ctx: Context, text: string, user: UserRow): string[] {
  const plain = text.length > longestReceipt ? null : open(ctx.platform, 'receipt', text)
  const content = plain && (JSON.parse(plain.toString()) as Content)
  if (content) {
    const [, userId, userEpoch, methods, , expiresAtMs] = content
    if (userId === user.id && userEpoch === user.epoch && expiresAtMs > ctx.clock.nowMs()) return methods
  }
  throw unauthorized(`Could not find auth receipt: ${text.slice(0, 255)}.`)
}

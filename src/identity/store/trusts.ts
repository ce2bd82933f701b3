// SQL of trusts beyond what all tables share: the count of uses left, and the chains of those that were passed on.
import { isoMillis } from '../../platform/clock.ts'
import type { Db } from '../../platform/store/store.ts'
import { trusts, type TrustRow } from './delegation-tables.ts'

interface Tables {
  identity_trusts: TrustRow
}
const q = (db: Db) => db.as<Tables>()
/** more than may be passed on: see trusts.ts */
const longestChain = 16

/** Takes one use; false when none was left. Unlimited trusts are not asked. */
export async function trustUse(db: Db, id: string): Promise<boolean> {
  const result = await q(db)
    .updateTable('identity_trusts')
    .set((e) => ({ remaining_uses: e('remaining_uses', '-', 1) }))
    .where('id', '=', id)
    .where('remaining_uses', '>', 0)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) === 1
}

/** Ends these and every trust that was passed on from them: tokens won by any of them are void at once. */
export async function trustsEnd(tx: { db: Db; clock: { nowMs(): number } }, ids: string[]): Promise<void> {
  const ended = [...new Set(ids)]
  for (let index = 0; index < ended.length; index++) {
    const below = await trusts.list(tx.db, { redelegated_trust_id: ended[index] ?? '' })
    ended.push(...below.map((row) => row.id).filter((id) => !ended.includes(id)))
  }
  if (ended.length > 0) await trusts.update(tx.db, { id: ended }, { deleted_at: isoMillis(tx.clock.nowMs()) })
}

/** The trusts that one was passed on from, nearest first; a link that is gone is null. */
export async function trustAncestors(db: Db, trust: TrustRow): Promise<(TrustRow | null)[]> {
  const above: (TrustRow | null)[] = []
  for (let id = trust.redelegated_trust_id; id !== null && above.length < longestChain;) {
    const row: TrustRow | undefined = await trusts.fetch(db, id)
    above.push(row ?? null)
    id = row?.redelegated_trust_id ?? null
  }
  return above
}

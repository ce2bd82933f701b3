// Work itself: what was abandoned, what is past its deadline with nobody on it, reconcilers that never succeed.
import type { Context } from '../context.ts'
import type { Db } from '../store/store.ts'
import type { ItemRow } from '../work/items.ts'
import type { Check, Finding } from './check.ts'

/** how long after its deadline, or the end of its lease, an item may wait for its owner */
const graceMs = 300_000
/** failures in a row of a reconciler: with their pauses some minutes */
const failures = 10
const most = 1000

/** Every item has an owner or a time, and a reason when it has neither. */
export const workCheck: Check = { name: 'work', invariant: 2, find }

const q = (db: Db) => db.as<{ work_items: ItemRow }>()

async function* find(ctx: Context): AsyncGenerator<Finding> {
  for (const item of await telling(ctx))
    yield { resourceType: item.kind === 'saga' ? 'work' : 'reconciler', resourceId: item.id, message: inWords(item) }
}

const telling = (ctx: Context) => {
  const before = ctx.clock.nowMs() - graceMs
  return q(ctx.db)
    .selectFrom('work_items')
    .select(['id', 'kind', 'name', 'resource_id', 'state', 'attempts', 'reason'])
    .where((e) =>
      e.or([
        e('state', '=', 'dead'),
        e.and([e('kind', '=', 'reconciler'), e('attempts', '>=', failures)]),
        e.and([
          e('kind', '=', 'saga'),
          e('phase', '=', 'forward'),
          e('deadline_at', '<', before),
          e('run_at', '<', before),
          e('lease_until', '<', before),
        ]),
      ]),
    )
    .orderBy('created_at')
    .limit(most)
    .execute()
}

function inWords({ kind, name, resource_id, state, reason }: Pick<ItemRow, 'kind' | 'name' | 'resource_id' | 'state' | 'reason'>): string {
  const what = `${name}${resource_id === '' ? '' : ` of ${resource_id}`}`
  if (state === 'dead') return `${what} was abandoned: ${reason ?? 'no reason'}`
  if (kind === 'reconciler') return `${what} fails every time: ${reason ?? 'no reason'}`
  return `${what} is past its deadline, and nobody works on it${reason === null ? '' : `: ${reason}`}`
}

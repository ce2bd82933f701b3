// Ends what is over: objects at their time (nobody sees them from then on, by every query), uploads that nobody completed.
import type { WorkContext } from '../../../platform/work/definition.ts'
import { engineOf, objectsExpire, uploadsExpire } from '../../engine/index.ts'

const batch = 200
const batchesARun = 20
const dayMs = 86_400_000

export async function objectsEnd({ ctx }: WorkContext): Promise<{ againMs: number } | void> {
  const engine = engineOf(ctx.platform)
  const beforeUs = (ctx.clock.nowMs() - ctx.config.object.uploadKeepDays * dayMs) * 1_000
  for (let done = 0; done < batchesARun; done++) {
    const ended = [await objectsExpire(engine, batch), await uploadsExpire(engine, { beforeUs, limit: batch })]
    if (ended.every((count) => count < batch)) return
  }
  return { againMs: 1_000 }
}

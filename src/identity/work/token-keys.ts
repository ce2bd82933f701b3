// Rotates the keys of tokens and receipts once they are old. Processes that share the data directory may all run it: the age is
// that of the primary key, so that only the first one rotates. Keys of stored credentials stay: what they sealed stays.
import { reconciler } from '../../platform/work/definition.ts'
import { keysMadeAtMs, keysRotate } from '../backends/key-repository.ts'
import { keyFolder, keysForget } from '../tokens/keys.ts'

const dayMs = 86_400_000
/** far longer than a token or a receipt lives: with three keys each always finds its own */
const oldestMs = 30 * dayMs

export const tokenKeyRotation = reconciler({
  name: 'identity-token-keys',
  everyMs: dayMs,
  async run({ ctx }) {
    for (const use of ['token', 'receipt'] as const) {
      const folder = keyFolder(ctx, use)
      const madeAtMs = keysMadeAtMs(folder)
      if (madeAtMs === null || ctx.clock.nowMs() - madeAtMs < oldestMs) continue
      keysRotate(folder, ctx.ids)
      keysForget(ctx, use)
      ctx.log.info({ folder }, `${use} keys rotated`)
    }
  },
})

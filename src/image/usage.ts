// GET /v2/info/usage: what a project uses of limits that are set; empty when none is.
import type { Context } from '../platform/context.ts'
import { quotaLimits } from '../platform/quota.ts'
import { table } from '../platform/table.ts'
import { imageQuotas } from './quota.ts'
import { imageUsage } from './store/images.ts'

const mib = 2 ** 20

export async function projectUsage(ctx: Context): Promise<Record<string, { limit: number; usage: number }>> {
  const { projectId } = ctx
  const limits = await quotaLimits(ctx.db, 'image', projectId, imageQuotas)
  const used = await imageUsage(ctx.db, projectId)
  const usage: Record<string, number> = table({
    image_size_total: Math.ceil(used.bytes / mib),
    image_stage_total: Math.ceil(used.stagedBytes / mib),
    image_count_total: used.count,
    image_count_uploading: used.uploading,
  })
  return Object.fromEntries(
    Object.entries(limits).flatMap(([name, limit]) => (limit < 0 ? [] : [[name, { limit, usage: usage[name] ?? 0 }]])),
  )
}

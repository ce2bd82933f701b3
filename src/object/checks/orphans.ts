// Accounts whose project was deleted: named here, what becomes of them is for a person to decide (or for project cleanup, which asks first).
import { projectsGone } from '../../identity/index.ts'
import type { Context } from '../../platform/context.ts'
import type { Finding } from '../../platform/fsck/check.ts'
import { storeOfObjects } from '../blobs/store-of-objects.ts'
import { projectOf } from '../store/called.ts'
import { accountsStored } from '../store/recount.ts'

const atOnce = 200

export async function* orphansFind(ctx: Context): AsyncGenerator<Finding> {
  const store = storeOfObjects(ctx.platform)
  for (let after = ''; ;) {
    const rows = await accountsStored.rows(store, { after, limit: atOnce })
    const projects = new Map(rows.map(({ account }) => [projectOf(account), account]))
    for (const project of await projectsGone(ctx, [...projects.keys()])) {
      yield {
        resourceType: 'account',
        resourceId: projects.get(project) ?? project,
        message: `its project ${project} was deleted, and it was not`,
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < atOnce) return
    after = last.account
  }
}

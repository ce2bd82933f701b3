// Access rules: the requests that an application credential may make. Shared by a user's credentials.
import type { Static } from 'typebox'
import { Type } from '../platform/api/type.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, forbidden } from '../platform/errors.ts'
import { existing } from './found.ts'
import { permit, refuseTrust } from './permission.ts'
import { change } from './revision.ts'
import { idSchema, optional } from './schemas.ts'
import { accessRules, applicationCredentials, type AccessRuleRow } from './store/delegation-tables.ts'

/** A rule that is there already, by its id, or what it allows. */
export const accessRuleSchema = Type.Object(
  {
    path: optional(Type.String({ maxLength: 225, pattern: '^/.*' })),
    method: optional(Type.String({ pattern: '^(POST|GET|HEAD|PATCH|PUT|DELETE)$' })),
    service: optional(idSchema),
    id: optional(idSchema),
  },
  { additionalProperties: false },
)

/** Ids of the rules: of existing ones by id or by equal content, of new ones otherwise. Inside a transaction. */
export async function accessRulesEnsure(tx: Context, userId: string, wanted: Static<typeof accessRuleSchema>[]): Promise<string[]> {
  const ids: string[] = []
  for (const { id, service, path, method } of wanted) {
    if (id !== undefined) {
      ids.push(existing(await accessRules.first(tx.db, { id, user_id: userId }), 'access rule', id).id)
      continue
    }
    if (service === undefined || path === undefined || method === undefined)
      throw badRequest('An access rule has a service, a path and a method.')
    const known = await accessRules.first(tx.db, { user_id: userId, service, path, method })
    const row: AccessRuleRow = known ?? { id: tx.ids.hex(), user_id: userId, service, path, method }
    if (!known) await accessRules.insert(tx.db, row)
    ids.push(row.id)
  }
  return [...new Set(ids)]
}

const target = (userId: string) => ({ user_id: userId, target: { user: { id: userId } } })

export async function accessRulesList(ctx: Context, userId: string): Promise<AccessRuleRow[]> {
  permit(ctx, target(userId))
  refuseTrust(ctx, 'access rules')
  return accessRules.list(ctx.db, { user_id: userId })
}

export async function accessRuleGet(ctx: Context, userId: string, id: string): Promise<AccessRuleRow> {
  permit(ctx, target(userId))
  refuseTrust(ctx, 'access rules')
  return existing(await accessRules.first(ctx.db, { id, user_id: userId }), 'access rule', id)
}

/** Not while a credential has it: a rule that vanished would widen or break what it limits. */
export async function accessRuleDelete(ctx: Context, userId: string, id: string): Promise<void> {
  await accessRuleGet(ctx, userId, id)
  await change(ctx, { type: 'access_rule', id, action: 'delete' }, async (tx) => {
    const using = await applicationCredentials.list(tx.db, { user_id: userId })
    if (using.some((row) => row.access_rules?.includes(id))) {
      throw forbidden(`Unable to delete access rule ${id} because it is in use by an application credential.`)
    }
    await accessRules.delete(tx.db, { id })
  })
}

// Resource classes: the standard ones are data, custom ones (CUSTOM_…) rows.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { isUniqueViolation, type Db } from '../platform/store/store.ts'
import { isStandardResourceClass, standardResourceClasses } from './data/standard-resource-classes.ts'
import { noSuchClass } from './failures.ts'
import { inventories } from './store/inventories.ts'
import { customClasses } from './store/traits.ts'

/** Those of the names that no class has. */
export async function unknownClasses(db: Db, names: string[]): Promise<string[]> {
  const custom = names.filter((name) => !isStandardResourceClass(name))
  if (custom.length === 0) return []
  const known = new Set((await customClasses.list(db, { name: custom })).map((row) => row.name))
  return custom.filter((name) => !known.has(name))
}

export async function resourceClassList(ctx: Context): Promise<string[]> {
  ctx.authorize()
  return [...standardResourceClasses, ...(await customClasses.list(ctx.db)).map((row) => row.name)]
}

/** The name, if there is such a class. */
export async function resourceClassGet(ctx: Context, name: string): Promise<string> {
  ctx.authorize()
  if (isStandardResourceClass(name) || (await customClasses.first(ctx.db, { name: name }))) return name
  throw notFound(noSuchClass(name))
}

export async function resourceClassCreate(ctx: Context, name: string): Promise<void> {
  ctx.authorize()
  const row = { name, created_at: isoMillis(ctx.clock.nowMs()) }
  await ctx
    .transaction((tx) => customClasses.insert(tx.db, row))
    .catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`Conflicting resource class already exists: ${name}`) : error
    })
}

/** True when it was not there before. */
export async function resourceClassEnsure(ctx: Context, name: string): Promise<boolean> {
  ctx.authorize()
  return ctx.transaction(async (tx) => {
    if (await customClasses.first(tx.db, { name: name })) return false
    await customClasses.insertMissing(tx.db, { name, created_at: isoMillis(tx.clock.nowMs()) })
    return true
  })
}

/** Microversions 1.2 to 1.6. */
export async function resourceClassRename(ctx: Context, name: string, newName: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await resourceClassGet(tx, name)
    if (isStandardResourceClass(name)) throw badRequest(`Cannot update standard resource class ${name}`)
    if (await customClasses.first(tx.db, { name: newName })) throw conflict(`Resource class already exists: ${newName}`)
    if (await inventories.first(tx.db, { resource_class: name })) throw conflict(`Resource class ${name} is in use in inventory.`)
    if ((await customClasses.delete(tx.db, { name })) === 0) throw notFound(noSuchClass(name))
    await customClasses.insert(tx.db, { name: newName, created_at: isoMillis(tx.clock.nowMs()) })
  })
}

export async function resourceClassDelete(ctx: Context, name: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await resourceClassGet(tx, name)
    if (isStandardResourceClass(name)) throw badRequest(`Error in delete resource class: Cannot delete standard resource class ${name}.`)
    if (await inventories.first(tx.db, { resource_class: name }))
      throw conflict(`Error in delete resource class: Cannot delete resource class ${name}. Class is in use in inventory.`)
    if ((await customClasses.delete(tx.db, { name })) === 0) throw notFound(noSuchClass(name))
  })
}

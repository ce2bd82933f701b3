// QoS specs: limits that volume types refer to.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { defined } from '../platform/defined.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { isUniqueViolation } from '../platform/store/store.ts'
import { pageOf, type ListQuery } from './listing.ts'
import { qosRows, qosPage, type QosSpecsRow } from './store/qos.ts'
import { typesOfQos, typeRows, type VolumeTypeRow } from './store/types.ts'
import { typeGet } from './volume-types.ts'

export type { QosSpecsRow } from './store/qos.ts'
export type Specs = Record<string, string>

const consumers = ['front-end', 'back-end', 'both']
const checkConsumer = (consumer: string): void => {
  if (!consumers.includes(consumer))
    throw badRequest(`Invalid qos specs: Valid consumer of QoS specs are: ['front-end', 'back-end', 'both']`)
}

export async function qosGet(ctx: Context, id: string): Promise<QosSpecsRow> {
  ctx.authorize()
  const row = await qosRows.fetch(ctx.db, id)
  if (!row) throw notFound(`No such QoS spec ${id}.`)
  return row
}

export async function qosList(ctx: Context, query: ListQuery): Promise<QosSpecsRow[]> {
  ctx.authorize()
  return qosPage(ctx.db, {}, await pageOf(query, (id) => qosGet(ctx, id)))
}

export async function qosCreate(
  ctx: Context,
  { name, consumer, specs }: { name: string; consumer: string; specs: Specs },
): Promise<QosSpecsRow> {
  ctx.authorize()
  checkConsumer(consumer)
  return ctx.transaction(async (tx) => {
    const row = { id: tx.ids.uuid(), name, consumer, specs: specs, created_at: isoMillis(tx.clock.nowMs()) }
    await qosRows.insert(tx.db, row).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`QoS Specs ${name} already exists.`) : error
    })
    return row
  })
}

export async function qosUpdate(ctx: Context, id: string, change: Specs): Promise<void> {
  await ctx.transaction(async (tx) => {
    const row = await qosGet(tx, id)
    const { consumer, ...specs } = change
    if (consumer !== undefined) checkConsumer(consumer)
    await qosRows.update(tx.db, id, { specs: { ...row.specs, ...specs }, ...defined({ consumer }) })
  })
}

export async function qosKeysDelete(ctx: Context, id: string, keys: string[]): Promise<void> {
  await ctx.transaction(async (tx) => {
    const specs = (await qosGet(tx, id)).specs
    const missing = keys.find((key) => !(key in specs))
    if (missing !== undefined) throw badRequest(`QoS spec ${id} has no spec with key ${missing}.`)
    await qosRows.update(tx.db, id, { specs: Object.fromEntries(Object.entries(specs).filter(([key]) => !keys.includes(key))) })
  })
}

export async function qosDelete(ctx: Context, id: string, { force }: { force: boolean }): Promise<void> {
  await ctx.transaction(async (tx) => {
    await qosGet(tx, id)
    const types = await typesOfQos(tx.db, id)
    if (types.length > 0 && !force) throw badRequest(`QoS Specs ${id} is still associated with entities.`)
    for (const type of types) await typeRows.advance(tx.db, { id: type.id }, { qos_specs_id: null })
    await qosRows.delete(tx.db, id)
  })
}

export async function qosAssociations(ctx: Context, id: string): Promise<VolumeTypeRow[]> {
  await qosGet(ctx, id)
  return typesOfQos(ctx.db, id)
}

/** `to` null takes the association away. */
export async function qosAssociate(ctx: Context, id: string, typeId: string, to: 'associate' | 'disassociate'): Promise<void> {
  await ctx.transaction(async (tx) => {
    await qosGet(tx, id)
    const type = await typeGet(tx, typeId)
    if (to === 'associate' && type.qos_specs_id !== null && type.qos_specs_id !== id)
      throw badRequest(`Invalid volume type: Type ${typeId} is already associated with another qos specs: ${type.qos_specs_id}`)
    await typeRows.advance(tx.db, { id: typeId }, { qos_specs_id: to === 'associate' ? id : null })
  })
}

export async function qosDisassociateAll(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await qosGet(tx, id)
    for (const type of await typesOfQos(tx.db, id)) await typeRows.advance(tx.db, { id: type.id }, { qos_specs_id: null })
  })
}

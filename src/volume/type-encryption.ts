// What a volume type says about encryption: kept and shown, as operators' tools expect. Nothing here encrypts, so no
// volume is made of such a type.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { typeRows, type EncryptionSpecs } from './store/types.ts'
import { volumeTypeInUse } from './store/volumes.ts'
import { typeGet } from './volume-types.ts'

export type EncryptionChange = Partial<Pick<EncryptionSpecs, 'provider' | 'cipher' | 'key_size' | 'control_location'>>

export async function encryptionGet(ctx: Context, typeId: string): Promise<EncryptionSpecs | null> {
  return (await typeGet(ctx, typeId)).encryption
}

export async function encryptionCreate(ctx: Context, typeId: string, wanted: Required<EncryptionChange>): Promise<EncryptionSpecs> {
  return ctx.transaction(async (tx) => {
    if (await encryptionGet(tx, typeId)) throw conflict(`Volume type encryption for type ${typeId} already exists.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot create encryption specs. Volume type in use.')
    const specs: EncryptionSpecs = { encryption_id: tx.ids.uuid(), ...wanted, created_at: isoMillis(tx.clock.nowMs()), updated_at: null }
    await typeRows.advance(tx.db, { id: typeId }, { encryption: specs })
    return specs
  })
}

export async function encryptionUpdate(ctx: Context, typeId: string, change: EncryptionChange): Promise<void> {
  await ctx.transaction(async (tx) => {
    const known = await encryptionGet(tx, typeId)
    if (!known) throw notFound(`Volume type encryption for type ${typeId} does not exist.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot update encryption specs. Volume type in use.')
    await typeRows.advance(tx.db, { id: typeId }, { encryption: { ...known, ...change, updated_at: isoMillis(tx.clock.nowMs()) } })
  })
}

export async function encryptionDelete(ctx: Context, typeId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const known = await encryptionGet(tx, typeId)
    if (!known) throw notFound(`Volume type encryption for type ${typeId} does not exist.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot delete encryption specs. Volume type in use.')
    await typeRows.advance(tx.db, { id: typeId }, { encryption: null })
  })
}

// What a volume type says about encryption: kept and shown, as operators' tools expect. Nothing here encrypts, so no
// volume is made of such a type.
import { isoMillis } from '../platform/clock.ts'
import type { Context } from '../platform/context.ts'
import { badRequest, conflict, notFound } from '../platform/errors.ts'
import { typeUpdate } from './store/types.ts'
import { volumeTypeInUse } from './store/volumes.ts'
import { typeGet } from './volume-types.ts'

export interface EncryptionSpecs {
  encryption_id: string
  provider: string
  cipher: string | null
  key_size: number | null
  control_location: string
  created_at: string
  updated_at: string | null
}

export type EncryptionChange = Partial<Pick<EncryptionSpecs, 'provider' | 'cipher' | 'key_size' | 'control_location'>>

export async function encryptionGet(ctx: Context, typeId: string): Promise<EncryptionSpecs | null> {
  const row = await typeGet(ctx, typeId)
  return row.encryption === null ? null : (JSON.parse(row.encryption) as EncryptionSpecs)
}

export async function encryptionCreate(ctx: Context, typeId: string, wanted: Required<EncryptionChange>): Promise<EncryptionSpecs> {
  return ctx.transaction(async (tx) => {
    if (await encryptionGet(tx, typeId)) throw conflict(`Volume type encryption for type ${typeId} already exists.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot create encryption specs. Volume type in use.')
    const specs: EncryptionSpecs = { encryption_id: tx.ids.uuid(), ...wanted, created_at: isoMillis(tx.clock.nowMs()), updated_at: null }
    await typeUpdate(tx.db, typeId, { encryption: JSON.stringify(specs) })
    return specs
  })
}

export async function encryptionChange(ctx: Context, typeId: string, change: EncryptionChange): Promise<void> {
  await ctx.transaction(async (tx) => {
    const known = await encryptionGet(tx, typeId)
    if (!known) throw notFound(`Volume type encryption for type ${typeId} does not exist.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot update encryption specs. Volume type in use.')
    await typeUpdate(tx.db, typeId, { encryption: JSON.stringify({ ...known, ...change, updated_at: isoMillis(tx.clock.nowMs()) }) })
  })
}

export async function encryptionDelete(ctx: Context, typeId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const known = await encryptionGet(tx, typeId)
    if (!known) throw notFound(`Volume type encryption for type ${typeId} does not exist.`)
    if (await volumeTypeInUse(tx.db, typeId)) throw badRequest('Cannot delete encryption specs. Volume type in use.')
    await typeUpdate(tx.db, typeId, { encryption: null })
  })
}

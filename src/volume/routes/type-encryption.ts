// /types/:id/encryption and /default-types.
import { Type } from '../../platform/api/type.ts'
import { defined } from '../../platform/defined.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { defaultTypeGet, defaultTypesList, defaultTypeDelete, defaultTypeUpdate } from '../default-types.ts'
import { encryptionUpdate, encryptionCreate, encryptionDelete, encryptionGet } from '../type-encryption.ts'
import { micros } from '../views/texts.ts'
import { defaultTypes, types } from './resources.ts'
import { closed, optional } from './bodies.ts'

const rule = (name: string) => `volume_extension:volume_type_encryption${name}`
const provider = Type.String({ maxLength: 255 })
const controlLocation = Type.Union([Type.Literal('front-end'), Type.Literal('back-end')])
const cipher = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 })
const keySize = Type.Unsafe<number | string | null>({
  type: ['string', 'integer', 'null'],
  minimum: 0,
  maximum: 2_147_483_647,
  pattern: '^[0-9]+$',
})
const number = (value: number | string | null | undefined): number | null => (value === null || value === undefined ? null : Number(value))

export const typeEncryptionOperations: Operation[] = [
  types.below('/encryption', {
    summary: 'Show the encryption of a volume type',
    policy: rule(':get'),
    async handler(ctx, id) {
      const specs = await encryptionGet(ctx, id)
      if (!specs) return {}
      return {
        ...specs,
        created_at: micros(specs.created_at),
        updated_at: micros(specs.updated_at),
        deleted_at: null,
        deleted: false,
        volume_type_id: id,
      }
    },
  }),
  types.below('/encryption', {
    method: 'POST',
    summary: 'Set the encryption of a volume type',
    policy: rule(':create'),
    body: Type.Object(
      {
        encryption: Type.Object(
          { provider, control_location: controlLocation, cipher: optional(cipher), key_size: optional(keySize) },
          { additionalProperties: true },
        ),
      },
      closed,
    ),
    async handler(ctx, id, request) {
      const wanted = request.body.encryption
      const {
        created_at: _created,
        updated_at: _updated,
        ...specs
      } = await encryptionCreate(ctx, id, {
        provider: wanted.provider,
        control_location: wanted.control_location,
        cipher: wanted.cipher ?? null,
        key_size: number(wanted.key_size),
      })
      return { encryption: { ...specs, volume_type_id: id } }
    },
  }),
  types.below('/encryption/:key', {
    summary: 'Show one part of the encryption of a volume type',
    policy: rule(':get'),
    async handler(ctx, id, request) {
      const specs = new Map<string, unknown>(Object.entries((await encryptionGet(ctx, id)) ?? {}))
      const key = request.params['key'] ?? ''
      if (specs.get(key) === undefined) throw notFound(`Volume type encryption for type ${id} does not exist.`)
      return { [key]: specs.get(key) }
    },
  }),
  types.below('/encryption/:key', {
    method: 'PUT',
    summary: 'Update the encryption of a volume type',
    policy: rule(':update'),
    body: Type.Object(
      {
        encryption: Type.Object(
          {
            provider: optional(provider),
            control_location: optional(controlLocation),
            cipher: optional(cipher),
            key_size: optional(keySize),
          },
          { additionalProperties: true },
        ),
      },
      closed,
    ),
    async handler(ctx, id, request) {
      // Cinder takes other keys too, and ignores them
      const { provider: by, control_location, cipher: how, key_size } = request.body.encryption
      const size = key_size === undefined ? undefined : number(key_size)
      const change = defined({ provider: by, control_location, cipher: how, key_size: size })
      if (Object.keys(change).length === 0) throw badRequest('Nothing to update in the encryption specs.')
      await encryptionUpdate(ctx, id, change)
      return { encryption: request.body.encryption }
    },
  }),
  types.below('/encryption/:key', {
    method: 'DELETE',
    summary: 'Remove the encryption of a volume type',
    policy: rule(':delete'),
    status: 202,
    handler: (ctx, id) => encryptionDelete(ctx, id),
  }),
  defaultTypes.list({ handler: async (ctx) => ({ default_types: await defaultTypesList(ctx) }) }),
  defaultTypes.show({ handler: async (ctx, target) => ({ default_type: await defaultTypeGet(ctx, target) }) }),
  defaultTypes.update({
    summary: 'Set a project’s default volume type',
    body: Type.Object({ default_type: Type.Object({ volume_type: Type.String({ minLength: 1, maxLength: 255 }) }, closed) }, closed),
    handler: async (ctx, target, { body }) => ({
      default_type: await defaultTypeUpdate(ctx, target, body.default_type.volume_type),
    }),
  }),
  defaultTypes.delete({ summary: 'Unset a project’s default volume type', handler: (ctx, target) => defaultTypeDelete(ctx, target) }),
]

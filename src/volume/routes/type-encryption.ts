// /types/:id/encryption and /default-types.
import Type from 'typebox'
import { defined } from '../../platform/defined.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { defaultTypeGet, defaultTypesList, defaultTypeDelete, defaultTypeUpdate } from '../default-types.ts'
import { encryptionUpdate, encryptionCreate, encryptionDelete, encryptionGet } from '../type-encryption.ts'
import { micros } from '../views/texts.ts'
import { types } from './resources.ts'

const rule = (name: string) => `volume_extension:volume_type_encryption${name}`
const optional = Type.Optional
const closed = { additionalProperties: false }
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
    method: 'GET',
    summary: 'Show the encryption of a volume type',
    policy: rule(':get'),
    status: 200,
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
    status: 200,
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
    method: 'GET',
    summary: 'Show one part of the encryption of a volume type',
    policy: rule(':get'),
    status: 200,
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
    status: 200,
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
  operation({
    method: 'GET',
    path: '/default-types',
    summary: 'List projects’ default volume types',
    policy: 'volume_extension:default_get_all',
    versions: ['3.62', null],
    status: 200,
    handler: async (ctx) => ({ default_types: await defaultTypesList(ctx) }),
  }),
  operation({
    method: 'GET',
    path: '/default-types/:target',
    summary: 'Show a project’s default volume type',
    policy: 'volume_extension:default_get',
    versions: ['3.62', null],
    status: 200,
    handler: async (ctx, { params }) => ({ default_type: await defaultTypeGet(ctx, params['target'] ?? '') }),
  }),
  operation({
    method: 'PUT',
    path: '/default-types/:target',
    summary: 'Set a project’s default volume type',
    policy: 'volume_extension:default_set_or_update',
    versions: ['3.62', null],
    status: 200,
    body: Type.Object({ default_type: Type.Object({ volume_type: Type.String({ minLength: 1, maxLength: 255 }) }, closed) }, closed),
    handler: async (ctx, { params, body }) => ({
      default_type: await defaultTypeUpdate(ctx, params['target'] ?? '', body.default_type.volume_type),
    }),
  }),
  operation({
    method: 'DELETE',
    path: '/default-types/:target',
    summary: 'Unset a project’s default volume type',
    policy: 'volume_extension:default_unset',
    versions: ['3.62', null],
    status: 204,
    handler: (ctx, { params }) => defaultTypeDelete(ctx, params['target'] ?? ''),
  }),
]

// /qos-specs
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import { wrapped as wrap } from '../../platform/api/schema.ts'
import {
  qosAssociate,
  qosAssociations,
  qosUpdate,
  qosCreate,
  qosDisassociateAll,
  qosDelete,
  qosGet,
  qosKeysDelete,
  qosList,
  type QosSpecsRow,
} from '../qos.ts'
import { linksOf } from '../views/texts.ts'
import { closed, optional, specs } from './bodies.ts'
import { isTrue, listOf } from './list-query.ts'

const rule = (name: string) => `volume_extension:qos_specs_manage:${name}`
const rules = { list: rule('get_all'), show: rule('get'), create: rule('create'), update: rule('update'), delete: rule('delete') }
const qos = resource({
  path: '/qos-specs',
  one: 'QoS specs',
  many: 'QoS specs',
  rule: (act) => rules[act],
  status: { create: 200, delete: 202 },
})
const view = (row: QosSpecsRow) => ({ id: row.id, name: row.name, consumer: row.consumer, specs: row.specs })
const linked = (ctx: Context, row: QosSpecsRow) => ({ qos_specs: view(row), links: linksOf(ctx, 'qos-specs', row.id) })
const typeQuery = Type.Object({ vol_type_id: optional(Type.String()) })
const texts = (map: Record<string, string | null | undefined>) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']))

const associate = (to: 'associate' | 'disassociate') =>
  qos.below(`/${to}`, {
    summary: `${to} QoS specs and a volume type`,
    policy: rule('update'),
    query: typeQuery,
    status: 202,
    async handler(ctx, id, { query: { vol_type_id: typeId } }) {
      if (!typeId) {
        await qosGet(ctx, id)
        throw badRequest('Volume Type id must not be None.')
      }
      await qosAssociate(ctx, id, typeId, to)
    },
  })

export const qosOperations: Operation[] = [
  listOf(qos, { key: 'qos_specs', sorts: { keys: ['id', 'name', 'created_at', 'consumer'] }, list: qosList }, (_ctx, row) => view(row)),
  qos.create({
    body: Type.Object(
      {
        qos_specs: Type.Unsafe<{ name: string; consumer?: string; [key: string]: string | undefined }>({
          type: 'object',
          properties: { name: { type: 'string', minLength: 1, maxLength: 255 }, consumer: { type: 'string' } },
          required: ['name'],
          additionalProperties: { type: ['string', 'null'], maxLength: 255 },
        }),
      },
      closed,
    ),
    async handler(ctx, { body }) {
      const { name, consumer, ...rest } = body.qos_specs
      return linked(ctx, await qosCreate(ctx, { name: name.trim(), consumer: consumer ?? 'back-end', specs: texts(rest) }))
    },
  }),
  qos.show({ handler: async (ctx, id) => linked(ctx, await qosGet(ctx, id)) }),
  qos.update({
    summary: 'Set keys of QoS specs',
    body: wrap('qos_specs', specs),
    async handler(ctx, id, { body }) {
      await qosUpdate(ctx, id, texts(body.qos_specs))
      return { qos_specs: body.qos_specs }
    },
  }),
  qos.below('/delete_keys', {
    method: 'PUT',
    summary: 'Unset keys of QoS specs',
    policy: rule('update'),
    status: 202,
    body: Type.Object({ keys: Type.Array(Type.String({ minLength: 1, maxLength: 255 })) }, closed),
    handler: (ctx, id, { body }) => qosKeysDelete(ctx, id, body.keys),
  }),
  qos.delete({
    query: Type.Object({ force: optional(Type.String()) }),
    handler: (ctx, id, { query }) => qosDelete(ctx, id, { force: isTrue('force', query.force) }),
  }),
  qos.below('/associations', {
    summary: 'List volume types of QoS specs',
    policy: rule('get'),
    handler: async (ctx, id) => ({
      qos_associations: (await qosAssociations(ctx, id)).map(({ id, name }) => ({ association_type: 'volume_type', name, id })),
    }),
  }),
  associate('associate'),
  associate('disassociate'),
  qos.below('/disassociate_all', {
    summary: 'Take QoS specs from all volume types',
    policy: rule('update'),
    status: 202,
    handler: (ctx, id) => qosDisassociateAll(ctx, id),
  }),
]

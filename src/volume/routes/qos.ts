// /qos-specs
import Type from 'typebox'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import {
  qosAssociate,
  qosAssociations,
  qosChange,
  qosCreate,
  qosDisassociateAll,
  qosErase,
  qosGet,
  qosKeysDelete,
  qosList,
  qosSpecsOf,
  type QosSpecsRow,
} from '../qos.ts'
import { linksOf } from '../views/texts.ts'
import { specs } from './bodies.ts'
import { isTrue, listQuery, nextLink, readListQuery } from './list-query.ts'

const rule = (name: string) => `volume_extension:qos_specs_manage:${name}`
const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const closed = { additionalProperties: false }
const optional = Type.Optional
const view = (row: QosSpecsRow) => ({ id: row.id, name: row.name, consumer: row.consumer, specs: qosSpecsOf(row) })
const linked = (ctx: Context, row: QosSpecsRow) => ({ qos_specs: view(row), links: linksOf(ctx, 'qos-specs', row.id) })
const typeQuery = Type.Object({ vol_type_id: optional(Type.String()) })
const texts = (map: Record<string, string | null | undefined>) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']))

const associate = (path: string, to: 'associate' | 'disassociate') =>
  operation({
    method: 'GET',
    path: `/qos-specs/:id/${path}`,
    summary: `${path} QoS specs and a volume type`,
    policy: rule('update'),
    query: typeQuery,
    status: 202,
    async handler(ctx, request) {
      const typeId = request.query.vol_type_id
      if (!typeId) {
        await qosGet(ctx, idOf(request))
        throw badRequest('Volume Type id must not be None.')
      }
      await qosAssociate(ctx, idOf(request), typeId, to)
    },
  })

export const qosOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/qos-specs',
    summary: 'List QoS specs',
    policy: rule('get_all'),
    query: listQuery,
    status: 200,
    async handler(ctx, request) {
      const query = readListQuery(ctx, request.query, { keys: ['id', 'name', 'created_at', 'consumer'] })
      const after = query.marker === undefined ? undefined : { ...(await qosGet(ctx, query.marker)) }
      const rows = await qosList(ctx, { sorts: query.sorts, limit: query.limit, after })
      return { qos_specs: rows.map(view), ...nextLink(ctx, 'qos_specs', { url: request.url, limit: query.limit, rows }) }
    },
  }),
  operation({
    method: 'POST',
    path: '/qos-specs',
    summary: 'Create QoS specs',
    policy: rule('create'),
    status: 200,
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
  operation({
    method: 'GET',
    path: '/qos-specs/:id',
    summary: 'Show QoS specs',
    policy: rule('get'),
    status: 200,
    handler: async (ctx, request) => linked(ctx, await qosGet(ctx, idOf(request))),
  }),
  operation({
    method: 'PUT',
    path: '/qos-specs/:id',
    summary: 'Set keys of QoS specs',
    policy: rule('update'),
    body: Type.Object({ qos_specs: specs }, closed),
    status: 200,
    async handler(ctx, request) {
      await qosChange(ctx, idOf(request), texts(request.body.qos_specs))
      return { qos_specs: request.body.qos_specs }
    },
  }),
  operation({
    method: 'PUT',
    path: '/qos-specs/:id/delete_keys',
    summary: 'Unset keys of QoS specs',
    policy: rule('update'),
    status: 202,
    body: Type.Object({ keys: Type.Array(Type.String({ minLength: 1, maxLength: 255 })) }, closed),
    handler: (ctx, request) => qosKeysDelete(ctx, idOf(request), request.body.keys),
  }),
  operation({
    method: 'DELETE',
    path: '/qos-specs/:id',
    summary: 'Delete QoS specs',
    policy: rule('delete'),
    query: Type.Object({ force: optional(Type.String()) }),
    status: 202,
    handler: (ctx, request) => qosErase(ctx, idOf(request), { force: isTrue('force', request.query.force) }),
  }),
  operation({
    method: 'GET',
    path: '/qos-specs/:id/associations',
    summary: 'List volume types of QoS specs',
    policy: rule('get'),
    status: 200,
    handler: async (ctx, request) => ({
      qos_associations: (await qosAssociations(ctx, idOf(request))).map(({ id, name }) => ({ association_type: 'volume_type', name, id })),
    }),
  }),
  associate('associate', 'associate'),
  associate('disassociate', 'disassociate'),
  operation({
    method: 'GET',
    path: '/qos-specs/:id/disassociate_all',
    summary: 'Take QoS specs from all volume types',
    policy: rule('update'),
    status: 202,
    handler: (ctx, request) => qosDisassociateAll(ctx, idOf(request)),
  }),
]

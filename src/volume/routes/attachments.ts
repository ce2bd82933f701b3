// /attachments (since 3.27) and the older actions on volumes.
import { Type } from '../../platform/api/type.ts'
import { badRequest } from '../../platform/errors.ts'
import type { Operation } from '../../platform/api/operation.ts'
import { attachmentGet } from '../attachments.ts'
import {
  attachmentsList,
  attachmentUpdate,
  clientAttach,
  clientComplete,
  clientDetach,
  volumeAttach,
  volumeBeginDetaching,
  volumeDetach,
  volumeInitializeConnection,
  volumeReserve,
  volumeRollDetaching,
  volumeTerminateConnection,
  volumeUnreserve,
} from '../client-attachments.ts'
import { attachmentSummaryView, attachmentView } from '../views/attachments.ts'
import { closed, maybeUuid, optional, uuid, without, wrapped } from './bodies.ts'
import { listOf } from './list-query.ts'
import { attachments, volumes } from './resources.ts'

const sorts = {
  keys: ['id', 'status', 'volume_id', 'created_at', 'attach_mode', 'attached_at', 'instance_uuid'],
  alias: { instance_uuid: 'server_id' },
  nullAs: { server_id: '', attach_mode: '', attached_at: '' },
}
const list = { key: 'attachments', sorts, list: attachmentsList }
const connector = Type.Unsafe<Record<string, unknown>>({ type: 'object', minProperties: 1 })
const maybeConnector = Type.Unsafe<Record<string, unknown> | null>({ type: ['object', 'null'] })
const mode = Type.Union([Type.Literal('rw'), Type.Literal('ro')])

const created = {
  volume_uuid: uuid,
  instance_uuid: optional(uuid),
  connector: optional(maybeConnector),
  mode: optional(mode),
}

const create = (versions: [string, string | null], properties: typeof created) =>
  attachments.create({
    versions,
    body: wrapped('attachment', properties),
    async handler(ctx, { body }) {
      const { attachment } = body
      const row = await clientAttach(ctx, {
        volumeId: attachment.volume_uuid,
        serverId: attachment.instance_uuid ?? null,
        connector: attachment.connector ?? null,
        mode: attachment.mode ?? null,
      })
      return { attachment: attachmentView(row) }
    },
  })

const rule = (name: string) => `volume_extension:volume_actions:${name}`

export const attachmentOperations: Operation[] = [
  listOf(attachments, list, (_ctx, row) => attachmentSummaryView(row)),
  listOf(attachments, list, (_ctx, row) => attachmentView(row), { path: '/detail' }),
  create(['3.27', '3.53'], without(created, 'mode')),
  create(['3.54', null], created),
  attachments.show({
    handler: async (ctx, id) => ({ attachment: attachmentView(await attachmentGet(ctx, id)) }),
  }),
  attachments.update({
    body: wrapped('attachment', { connector }),
    async handler(ctx, id, request) {
      const { attachment } = request.body
      return { attachment: attachmentView(await attachmentUpdate(ctx, id, attachment.connector)) }
    },
  }),
  attachments.delete({
    handler: async (ctx, id) => ({ attachments: (await clientDetach(ctx, id)).map(attachmentSummaryView) }),
  }),
  attachments.action('os-complete', {
    summary: 'Complete an attachment',
    policy: 'volume:attachment_complete',
    versions: ['3.44', null],
    status: 204,
    handler: (ctx, id) => clientComplete(ctx, id),
  }),
  volumes.action('os-reserve', {
    summary: 'Reserve a volume',
    policy: rule('reserve'),
    handler: (ctx, id) => volumeReserve(ctx, id),
  }),
  volumes.action('os-unreserve', {
    summary: 'Take back a reservation',
    policy: rule('unreserve'),
    handler: (ctx, id) => volumeUnreserve(ctx, id),
  }),
  volumes.action('os-begin_detaching', {
    summary: 'Begin to detach',
    policy: rule('begin_detaching'),
    handler: (ctx, id) => volumeBeginDetaching(ctx, id),
  }),
  volumes.action('os-roll_detaching', {
    summary: 'Give up detaching',
    policy: rule('roll_detaching'),
    handler: (ctx, id) => volumeRollDetaching(ctx, id),
  }),
  volumes.action('os-attach', {
    summary: 'Record that a volume is attached',
    policy: rule('attach'),
    body: Type.Unsafe<{ instance_uuid?: string; host_name?: string; mountpoint: string; mode?: 'rw' | 'ro' }>({
      ...Type.Object(
        {
          instance_uuid: optional(uuid),
          host_name: optional(Type.String({ maxLength: 255 })),
          mountpoint: Type.String({ minLength: 1, maxLength: 255 }),
          mode: optional(mode),
        },
        closed,
      ),
      anyOf: [{ required: ['instance_uuid'] }, { required: ['host_name'] }],
    }),
    handler: (ctx, id, request) =>
      volumeAttach(ctx, id, {
        serverId: request.body.instance_uuid ?? null,
        hostName: request.body.host_name ?? null,
        mountpoint: request.body.mountpoint,
        mode: request.body.mode ?? 'rw',
      }),
  }),
  volumes.action('os-detach', {
    summary: 'Record that a volume is detached',
    policy: rule('detach'),
    body: Type.Union([Type.Null(), Type.Object({ attachment_id: optional(maybeUuid) }, closed)]),
    handler: (ctx, id, request) => volumeDetach(ctx, id, request.body?.attachment_id ?? null),
  }),
  volumes.action('os-force_detach', {
    summary: 'Force a volume to be detached',
    policy: 'volume_extension:volume_admin_actions:force_detach',
    body: Type.Object({ attachment_id: optional(maybeUuid), connector: optional(maybeConnector) }, closed),
    handler: (ctx, id, request) =>
      volumeDetach(ctx, id, request.body.attachment_id ?? null, 'volume_extension:volume_admin_actions:force_detach'),
  }),
  volumes.action('os-initialize_connection', {
    summary: 'Ask how to reach a volume',
    policy: rule('initialize_connection'),
    status: 200,
    body: Type.Object({ connector: Type.Unsafe<object | string>({ type: ['object', 'string'] }) }, closed),
    async handler(ctx, id, request) {
      const { connector: asker } = request.body
      const info = await volumeInitializeConnection(ctx, id)
      if (typeof asker === 'string') throw badRequest('The connector must be an object.')
      return { connection_info: { ...info, enforce_multipath: (asker as { enforce_multipath?: unknown }).enforce_multipath ?? false } }
    },
  }),
  volumes.action('os-terminate_connection', {
    summary: 'Take back a connection',
    policy: rule('terminate_connection'),
    body: Type.Object({ connector: Type.Unsafe<object | string | null>({ type: ['object', 'string', 'null'] }) }, closed),
    handler: (ctx, id) => volumeTerminateConnection(ctx, id),
  }),
]

// POST /workers/cleanup, since 3.24.
import { Type } from '../../platform/api/type.ts'
import { lenientBoolean } from '../../platform/api/words.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import type { ServiceView } from '../services.ts'
import { workersCleanup } from '../workers-cleanup.ts'
import { flag, maybeUuid, optional } from './bodies.ts'

const host = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._#@:/+]*$' })
const view = ({ id, host: named, binary }: ServiceView) => ({ id, host: named, binary, cluster_name: null })

export const workerOperations: Operation[] = [
  operation({
    method: 'POST',
    path: '/workers/cleanup',
    summary: 'Set right what services left unfinished',
    policy: 'workers:cleanup',
    versions: ['3.24', null],
    status: 202,
    body: Type.Object(
      {
        cluster_name: optional(host),
        host: optional(host),
        disabled: optional(flag),
        is_up: optional(flag),
        binary: optional(Type.Union([Type.Literal('cinder-volume'), Type.Literal('cinder-scheduler')])),
        resource_id: optional(maybeUuid),
        resource_type: optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 40 })),
        service_id: optional(
          Type.Unsafe<number | string | null>({ type: ['integer', 'string', 'null'], pattern: '^[0-9]*$', maxLength: 11 }),
        ),
      },
      { additionalProperties: false },
    ),
    async handler(ctx, request) {
      ctx.authorize()
      const { body } = request
      const { cleaning, unavailable } = await workersCleanup(ctx, {
        host: body.host,
        binary: body.binary,
        clusterName: body.cluster_name,
        serviceId: body.service_id === undefined || body.service_id === null ? null : String(body.service_id),
        isUp: lenientBoolean(body.is_up ?? false),
        disabled: body.disabled === undefined ? undefined : lenientBoolean(body.disabled),
        resourceType: body.resource_type,
        resourceId: body.resource_id,
      })
      return { cleaning: cleaning.map(view), unavailable: unavailable.map(view) }
    },
  }),
]

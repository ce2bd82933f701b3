// /os-server-external-events: what other services tell compute about a server. Inside this cloud they call each other;
// from outside an event becomes a line in the server's timeline.
import { Type } from '../../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../../platform/api/operation.ts'
import { externalEvents } from '../external-events.ts'
import { closed } from '../../routes/schemas.ts'

const first = ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted']

const create = (versions: [string | null, string | null], names: string[]) =>
  operation({
    method: 'POST',
    path: '/os-server-external-events',
    summary: 'Tell of events of servers',
    policy: 'os_compute_api:os-server-external-events:create',
    versions,
    status: 200,
    body: Type.Object(
      {
        events: Type.Array(
          Type.Object(
            {
              server_uuid: Type.String({ format: 'uuid' }),
              name: Type.Unsafe<string>({ type: 'string', enum: names }),
              status: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['failed', 'completed', 'in-progress'] })),
              tag: Type.Optional(Type.String({ maxLength: 255 })),
            },
            closed,
          ),
          { minItems: 1, maxItems: 1000 },
        ),
      },
      closed,
    ),
    async handler(ctx, request) {
      const events = await externalEvents(ctx, request.body.events)
      return new Reply({ events }, { status: events.every((event) => event.code === 200) ? 200 : 207 })
    },
  })

export const externalEventOperations: Operation[] = [
  create([null, '2.50'], first),
  create(['2.51', '2.75'], [...first, 'volume-extended']),
  create(['2.76', '2.81'], [...first, 'volume-extended', 'power-update']),
  create(['2.82', '2.92'], [...first, 'volume-extended', 'power-update', 'accelerator-request-bound']),
  create(['2.93', null], [...first, 'volume-extended', 'power-update', 'accelerator-request-bound', 'volume-reimaged']),
]

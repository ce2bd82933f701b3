// What Nova once had and has taken away: 410, as there: clients that still ask learn that it will not come back.
import { operation, type Method, type Operation } from '../../platform/api/operation.ts'
import { ApiError } from '../../platform/errors.ts'

const gone: [path: string, methods: Method[]][] = [
  ['/os-agents', ['GET', 'POST']],
  ['/os-agents/:id', ['PUT', 'DELETE']],
  ['/os-cells', ['GET', 'POST']],
  ['/os-cells/detail', ['GET']],
  ['/os-cells/info', ['GET']],
  ['/os-cells/capacities', ['GET']],
  ['/os-cells/:id', ['GET', 'PUT', 'DELETE']],
  ['/os-cells/:id/capacities', ['GET']],
  ['/os-certificates', ['POST']],
  ['/os-certificates/:id', ['GET']],
  ['/os-cloudpipe', ['GET', 'POST']],
  ['/os-cloudpipe/configure-project', ['PUT']],
  ['/os-fixed-ips/:address', ['GET']],
  ['/os-fixed-ips/:address/action', ['POST']],
  ['/os-floating-ip-dns', ['GET']],
  ['/os-floating-ip-dns/:domain', ['PUT', 'DELETE']],
  ['/os-floating-ip-dns/:domain/entries/:entry', ['GET', 'PUT', 'DELETE']],
  ['/os-floating-ips-bulk', ['GET', 'POST']],
  ['/os-floating-ips-bulk/delete', ['PUT']],
  ['/os-floating-ips-bulk/:host', ['GET']],
  ['/os-fping', ['GET']],
  ['/os-fping/:id', ['GET']],
  ['/os-security-group-default-rules', ['GET', 'POST']],
  ['/os-security-group-default-rules/:id', ['GET', 'DELETE']],
  ['/servers/:server_id/consoles', ['GET', 'POST']],
  ['/servers/:server_id/consoles/:id', ['GET', 'DELETE']],
]
/** gone, and at later microversions unknown */
const goneProxies: [path: string, methods: Method[]][] = [
  ['/os-networks', ['POST']],
  ['/os-networks/add', ['POST']],
  ['/os-networks/:id', ['DELETE']],
  ['/os-networks/:id/action', ['POST']],
  ['/os-tenant-networks', ['POST']],
  ['/os-tenant-networks/:id', ['DELETE']],
  ['/os-baremetal-nodes', ['GET']],
  ['/os-baremetal-nodes/:id', ['GET']],
]

const declare =
  (versions: [null, string | null]) =>
  ([path, methods]: (typeof gone)[number]): Operation[] =>
    methods.map((method) =>
      operation({
        method,
        path,
        summary: 'Taken out of Nova',
        policy: 'os_compute_api:extensions',
        versions,
        status: 410,
        async handler(ctx) {
          ctx.authorize()
          throw new ApiError('gone', 'This resource is no longer available. No forwarding address is given.')
        },
      }),
    )

export const goneOperations: Operation[] = [...gone.flatMap(declare([null, null])), ...goneProxies.flatMap(declare([null, '2.35']))]

// /servers/:id/remote-consoles, /os-console-auth-tokens, and the page and socket that a console's URL leads to.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { consolePage } from './page.view.ts'
import { consoleTokenShow, serverConsoleOpen } from './consoles.ts'
import { badRequest } from '../../platform/errors.ts'
import { oneOf } from '../../platform/api/schema.ts'
import { open } from '../routes/schemas.ts'
import { servers } from '../servers/routes/servers.ts'

const body = (protocols: string[], types: string[]) =>
  open({ remote_console: open({ protocol: oneOf(...protocols), type: oneOf(...types) }, ['protocol', 'type']) }, ['remote_console'])

const protocols = ['vnc', 'spice', 'rdp', 'serial']
const types = ['novnc', 'xvpvnc', 'rdp-html5', 'spice-html5', 'serial']
const bodies: [[string, string | null], ReturnType<typeof body>][] = [
  [['2.6', '2.7'], body(protocols, types)],
  [['2.8', '2.98'], body([...protocols, 'mks'], [...types, 'webmks'])],
  [['2.99', null], body([...protocols, 'mks'], [...types, 'webmks', 'spice-direct'])],
]

const tokenVersions: [[string, string | null], ReturnType<typeof Type.Object>][] = [
  [['2.31', '2.98'], Type.Object({})],
  [['2.99', null], Type.Object({}, { additionalProperties: false })],
]

export const serverConsoleOperations: Operation[] = [
  ...bodies.map(([versions, schema]) =>
    servers.below('/remote-consoles', {
      method: 'POST',
      summary: 'Open a remote console',
      policy: 'os_compute_api:os-remote-consoles',
      versions,
      body: schema,
      status: 200,
      async handler(ctx, id, { body }) {
        const { protocol, type } = body.remote_console
        if ((type === 'novnc' && protocol !== 'vnc') || (type === 'serial' && protocol !== 'serial'))
          throw badRequest(`Invalid console type ${type}`)
        return {
          remote_console: { protocol, type, url: await serverConsoleOpen(ctx, id, { type, word: `get_${protocol}_console` }) },
        }
      },
    }),
  ),
  ...tokenVersions.map(([versions, query]) =>
    operation({
      method: 'GET',
      path: '/os-console-auth-tokens/:token',
      summary: 'Show what a console token stands for',
      policy: 'os_compute_api:os-console-auth-tokens',
      versions,
      query,
      status: 200,
      async handler(ctx, { params }) {
        const { serverId, host } = await consoleTokenShow(ctx, params['token'] ?? '')
        return { console: { instance_uuid: serverId, host, port: 0, internal_access_path: null } }
      },
    }),
  ),
  // a page that says where the socket is; the dashboard has a whole viewer
  operation({
    method: 'GET',
    path: '^/console/vnc_auto.html',
    summary: 'The page of a remote console',
    policy: null,
    status: 200,
    handler: async () =>
      new Reply(consolePage, {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy':
            "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:",
          'referrer-policy': 'no-referrer',
        },
      }),
  }),
]

// os-getConsoleOutput, and the console actions of microversions before 2.6.
import { Type } from '../../platform/api/type.ts'
import { serverConsoleLog, serverConsoleOpen } from './consoles.ts'
import { open } from '../routes/schemas.ts'
import { action } from '../servers/routes/action.ts'

const length = Type.Unsafe<number | string | null>({ type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$', minimum: -1 })
const typed = (types: string[]) => open({ type: Type.Unsafe<string>({ type: 'string', enum: types }) }, ['type'])

const consoleAction = (name: string, types: string[], word: string) =>
  action(name, 'Open a remote console', 'os-remote-consoles', {
    versions: ['2.1', '2.5'],
    status: 200,
    body: typed(types),
    async handler(ctx, id, { type }) {
      return { console: { type, url: await serverConsoleOpen(ctx, id, { type, word }) } }
    },
  })

export const consoleActions = [
  action('os-getConsoleOutput', 'Show the console log', 'os-console-output', {
    status: 200,
    body: open({ length }),
    async handler(ctx, id, { length: asked }) {
      const lines = asked === undefined || asked === null || Number(asked) < 0 ? undefined : Number(asked)
      return { output: await serverConsoleLog(ctx, id, lines) }
    },
  }),
  consoleAction('os-getVNCConsole', ['novnc', 'xvpvnc'], 'get_vnc_console'),
  consoleAction('os-getSPICEConsole', ['spice-html5'], 'get_spice_console'),
  consoleAction('os-getRDPConsole', ['rdp-html5'], 'get_rdp_console'),
  consoleAction('os-getSerialConsole', ['serial'], 'get_serial_console'),
]

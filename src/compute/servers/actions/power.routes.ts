// Actions on a server's power.
import { Type } from '../../../platform/api/type.ts'
import { serverCrashDump, serverPower, serverReboot } from './power.ts'
import { open } from '../../routes/schemas.ts'
import { action } from '../routes/action.ts'

const reboot = open({ type: Type.Unsafe<string>({ type: 'string', enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] }) }, ['type'])

export const powerActions = [
  action('os-start', 'Start a server', 'servers:start', { handler: (ctx, id) => serverPower(ctx, id, 'start') }),
  action('os-stop', 'Stop a server', 'servers:stop', { handler: (ctx, id) => serverPower(ctx, id, 'stop') }),
  action('pause', 'Pause a server', 'os-pause-server:pause', { handler: (ctx, id) => serverPower(ctx, id, 'pause') }),
  action('unpause', 'Unpause a server', 'os-pause-server:unpause', { handler: (ctx, id) => serverPower(ctx, id, 'unpause') }),
  action('suspend', 'Suspend a server', 'os-suspend-server:suspend', { handler: (ctx, id) => serverPower(ctx, id, 'suspend') }),
  action('resume', 'Resume a server', 'os-suspend-server:resume', { handler: (ctx, id) => serverPower(ctx, id, 'resume') }),
  action('reboot', 'Reboot a server', 'servers:reboot', {
    body: reboot,
    handler: (ctx, id, value) => serverReboot(ctx, id, /^hard$/i.test(value.type) ? 'hard' : 'soft'),
  }),
  action('trigger_crash_dump', 'Trigger a crash dump', 'servers:trigger_crash_dump', {
    versions: ['2.17', null],
    body: Type.Null(),
    handler: (ctx, id) => serverCrashDump(ctx, id),
  }),
]

// Actions on a server's power.
import Type from 'typebox'
import { serverCrashDump, serverPower, serverReboot } from './power.ts'
import { open } from '../../routes/schemas.ts'
import { action } from '../routes/action.ts'

const reboot = open({ type: Type.Unsafe<string>({ type: 'string', enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] }) }, ['type'])

export const powerActions = [
  action('os-start', { summary: 'Start a server', policy: 'start', handler: (ctx, id) => serverPower(ctx, id, 'start') }),
  action('os-stop', { summary: 'Stop a server', policy: 'stop', handler: (ctx, id) => serverPower(ctx, id, 'stop') }),
  action('pause', {
    summary: 'Pause a server',
    policy: 'os_compute_api:os-pause-server:pause',
    handler: (ctx, id) => serverPower(ctx, id, 'pause'),
  }),
  action('unpause', {
    summary: 'Unpause a server',
    policy: 'os_compute_api:os-pause-server:unpause',
    handler: (ctx, id) => serverPower(ctx, id, 'unpause'),
  }),
  action('suspend', {
    summary: 'Suspend a server',
    policy: 'os_compute_api:os-suspend-server:suspend',
    handler: (ctx, id) => serverPower(ctx, id, 'suspend'),
  }),
  action('resume', {
    summary: 'Resume a server',
    policy: 'os_compute_api:os-suspend-server:resume',
    handler: (ctx, id) => serverPower(ctx, id, 'resume'),
  }),
  action('reboot', {
    summary: 'Reboot a server',
    policy: 'reboot',
    body: reboot,
    handler: (ctx, id, value) => serverReboot(ctx, id, /^hard$/i.test(value.type) ? 'hard' : 'soft'),
  }),
  action('trigger_crash_dump', {
    summary: 'Trigger a crash dump',
    policy: 'trigger_crash_dump',
    versions: ['2.17', null],
    body: Type.Null(),
    handler: (ctx, id) => serverCrashDump(ctx, id),
  }),
]

// Locks, administrators' actions, and those of older microversions that have become parts of other APIs.
import Type from 'typebox'
import type { Context } from '../../../platform/context.ts'
import { badRequest } from '../../../platform/errors.ts'
import {
  serverEvacuate,
  serverLock,
  serverMigrate,
  serverMigrateLive,
  serverNetworkInject,
  serverPasswordSet,
  serverResetState,
  serverUnlock,
} from './admin.ts'
import { serverDelete } from './delete.ts'
import { serverFloatingIpAdd, serverFloatingIpRemove } from '../../legacy/floating-ips.ts'
import { serverRestore } from './restore.ts'
import { serverFixedIpAdd, serverFixedIpRemove, serverSecurityGroup } from '../attachments/interfaces.ts'
import { generatedPassword } from './password.ts'
import { boolean, hostName, open, openOrNone } from '../../routes/schemas.ts'
import { adminPass, ipAddress } from '../routes/schemas.ts'
import { action } from '../routes/action.ts'

const rule = (text: string) => `os_compute_api:${text}`
const hostOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })
const booleanOrAuto = Type.Unsafe<unknown>({ anyOf: [boolean, { const: 'auto' }] })
const live = {
  old: open({ block_migration: boolean, disk_over_commit: boolean, host: hostOrNull }, ['block_migration', 'disk_over_commit', 'host']),
  auto: open({ block_migration: booleanOrAuto, host: hostOrNull }, ['block_migration', 'host']),
  force: open({ block_migration: booleanOrAuto, host: hostOrNull, force: boolean }, ['block_migration', 'host']),
}
const migrateLive = (ctx: Context, id: string, { host }: { host: string | null }) => serverMigrateLive(ctx, id, host)

async function evacuate(ctx: Context, id: string, wanted: { host?: string; adminPass?: string }): Promise<object | undefined> {
  await serverEvacuate(ctx, id, wanted.host)
  return ctx.microversion.atLeast('2.14') ? undefined : { adminPass: wanted.adminPass ?? generatedPassword(ctx.ids) }
}

/** {"name": group}: read by hand, in Nova's words. */
function groupName(value: unknown): string {
  if (typeof value !== 'object' || value === null) throw badRequest('Missing parameter dict')
  const { name } = value as { name?: unknown }
  if (name === undefined) throw badRequest('Security group not specified')
  if (typeof name !== 'string' || name.trim() === '') throw badRequest('Security group name cannot be empty')
  return name
}

const evacuation = { host: hostName, adminPass }

export const adminActions = [
  action('lock', {
    summary: 'Lock a server',
    policy: rule('os-lock-server:lock'),
    versions: ['2.1', '2.72'],
    handler: (ctx, id) => serverLock(ctx, id, null),
  }),
  action('lock', {
    summary: 'Lock a server',
    policy: rule('os-lock-server:lock'),
    versions: ['2.73', null],
    body: openOrNone({ locked_reason: Type.String({ minLength: 1, maxLength: 255 }) }),
    handler: (ctx, id, value) => serverLock(ctx, id, value?.locked_reason ?? null),
  }),
  action('unlock', { summary: 'Unlock a server', policy: rule('os-lock-server:unlock'), handler: (ctx, id) => serverUnlock(ctx, id) }),
  action('os-resetState', {
    summary: 'Reset the state of a server',
    policy: rule('os-admin-actions:reset_state'),
    body: open({ state: Type.Unsafe<'active' | 'error'>({ type: 'string', enum: ['active', 'error'] }) }, ['state']),
    handler: (ctx, id, { state }) => serverResetState(ctx, id, state),
  }),
  action('injectNetworkInfo', {
    summary: 'Inject network information',
    policy: rule('os-admin-actions:inject_network_info'),
    handler: (ctx, id) => serverNetworkInject(ctx, id),
  }),
  action('resetNetwork', {
    summary: 'Reset networking',
    policy: rule('os-admin-actions:reset_network'),
    handler: (ctx, id) => serverNetworkInject(ctx, id),
  }),
  action('changePassword', {
    summary: 'Change the administrator’s password',
    policy: rule('os-admin-password'),
    body: open({ adminPass }, ['adminPass']),
    handler: (ctx, id) => serverPasswordSet(ctx, id),
  }),
  action('forceDelete', {
    summary: 'Delete a server for good',
    policy: rule('os-deferred-delete:force'),
    handler: (ctx, id) => serverDelete(ctx, id),
  }),
  action('restore', {
    summary: 'Restore a soft-deleted server',
    policy: rule('os-deferred-delete:restore'),
    handler: (ctx, id) => serverRestore(ctx, id),
  }),
  action('migrate', {
    summary: 'Migrate a server',
    policy: rule('os-migrate-server:migrate'),
    versions: ['2.1', '2.55'],
    handler: (ctx, id) => serverMigrate(ctx, id, null),
  }),
  action('migrate', {
    summary: 'Migrate a server',
    policy: rule('os-migrate-server:migrate'),
    versions: ['2.56', null],
    body: openOrNone({ host: hostOrNull }),
    handler: (ctx, id, value) => serverMigrate(ctx, id, value?.host ?? null),
  }),
  action('os-migrateLive', {
    summary: 'Live-migrate a server',
    policy: rule('os-migrate-server:migrate_live'),
    versions: ['2.1', '2.24'],
    body: live.old,
    handler: migrateLive,
  }),
  action('os-migrateLive', {
    summary: 'Live-migrate a server',
    policy: rule('os-migrate-server:migrate_live'),
    versions: ['2.25', '2.29'],
    body: live.auto,
    handler: migrateLive,
  }),
  action('os-migrateLive', {
    summary: 'Live-migrate a server',
    policy: rule('os-migrate-server:migrate_live'),
    versions: ['2.30', '2.67'],
    body: live.force,
    handler: migrateLive,
  }),
  action('os-migrateLive', {
    summary: 'Live-migrate a server',
    policy: rule('os-migrate-server:migrate_live'),
    versions: ['2.68', null],
    body: live.auto,
    handler: migrateLive,
  }),
  action('evacuate', {
    summary: 'Evacuate a server',
    policy: rule('os-evacuate'),
    versions: ['2.1', '2.13'],
    status: 200,
    body: open({ ...evacuation, onSharedStorage: boolean }, ['onSharedStorage']),
    handler: evacuate,
  }),
  action('evacuate', {
    summary: 'Evacuate a server',
    policy: rule('os-evacuate'),
    versions: ['2.14', '2.28'],
    status: 200,
    body: open(evacuation),
    handler: evacuate,
  }),
  action('evacuate', {
    summary: 'Evacuate a server',
    policy: rule('os-evacuate'),
    versions: ['2.29', '2.67'],
    status: 200,
    body: open({ ...evacuation, force: boolean }),
    handler: evacuate,
  }),
  action('evacuate', {
    summary: 'Evacuate a server',
    policy: rule('os-evacuate'),
    versions: ['2.68', null],
    status: 200,
    body: open(evacuation),
    handler: evacuate,
  }),
  action('addSecurityGroup', {
    summary: 'Add a security group to a server',
    policy: rule('os-security-groups:add'),
    handler: (ctx, id, value) => serverSecurityGroup(ctx, id, { add: groupName(value) }),
  }),
  action('removeSecurityGroup', {
    summary: 'Remove a security group from a server',
    policy: rule('os-security-groups:remove'),
    handler: (ctx, id, value) => serverSecurityGroup(ctx, id, { remove: groupName(value) }),
  }),
  action('addFixedIp', {
    summary: 'Add a fixed address',
    policy: rule('os-multinic:add'),
    versions: ['2.1', '2.43'],
    body: open({ networkId: Type.Unsafe<string | number>({ type: ['string', 'number'], minLength: 1, maxLength: 36 }) }, ['networkId']),
    handler: (ctx, id, { networkId }) => serverFixedIpAdd(ctx, id, String(networkId)),
  }),
  action('removeFixedIp', {
    summary: 'Remove a fixed address',
    policy: rule('os-multinic:remove'),
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress }, ['address']),
    handler: (ctx, id, { address }) => serverFixedIpRemove(ctx, id, address),
  }),
  action('addFloatingIp', {
    summary: 'Give a floating IP to a server',
    policy: rule('os-floating-ips:add'),
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress, fixed_address: ipAddress }, ['address']),
    handler: (ctx, id, { address, fixed_address: fixedAddress }) => serverFloatingIpAdd(ctx, id, { address, fixedAddress }),
  }),
  action('removeFloatingIp', {
    summary: 'Take a floating IP from a server',
    policy: rule('os-floating-ips:remove'),
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress }, ['address']),
    handler: (ctx, id, { address }) => serverFloatingIpRemove(ctx, id, address),
  }),
]

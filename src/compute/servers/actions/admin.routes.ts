// Locks, administrators' actions, and those of older microversions that have become parts of other APIs.
import type { TUnsafe } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
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

const hostOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })
const booleanOrAuto = Type.Unsafe<unknown>({ anyOf: [boolean, { const: 'auto' }] })
type Versions = [string, string | null]

const autoLive = open({ block_migration: booleanOrAuto, host: hostOrNull }, ['block_migration', 'host'])
const oldLive = open({ block_migration: boolean, disk_over_commit: boolean, host: hostOrNull }, [
  'block_migration',
  'disk_over_commit',
  'host',
])
const forcedLive = open({ block_migration: booleanOrAuto, host: hostOrNull, force: boolean }, ['block_migration', 'host'])
const migrateLive = (versions: Versions, body: TUnsafe<{ host: string | null }>) =>
  action('os-migrateLive', 'Live-migrate a server', 'os-migrate-server:migrate_live', {
    versions,
    body,
    handler: (ctx, id, { host }) => serverMigrateLive(ctx, id, host),
  })

const evacuation = { host: hostName, adminPass }
const evacuate = (versions: Versions, body: TUnsafe<{ host?: string; adminPass?: string }>) =>
  action('evacuate', 'Evacuate a server', 'os-evacuate', {
    versions,
    status: 200,
    body,
    async handler(ctx, id, wanted) {
      await serverEvacuate(ctx, id, wanted.host)
      return ctx.microversion.atLeast('2.14') ? undefined : { adminPass: wanted.adminPass ?? generatedPassword(ctx.ids) }
    },
  })

/** {"name": group}: read by hand, in Nova's words. */
function groupName(value: unknown): string {
  if (typeof value !== 'object' || value === null) throw badRequest('Missing parameter dict')
  const { name } = value as { name?: unknown }
  if (name === undefined) throw badRequest('Security group not specified')
  if (typeof name !== 'string' || name.trim() === '') throw badRequest('Security group name cannot be empty')
  return name
}

export const adminActions = [
  action('lock', 'Lock a server', 'os-lock-server:lock', { versions: ['2.1', '2.72'], handler: (ctx, id) => serverLock(ctx, id, null) }),
  action('lock', 'Lock a server', 'os-lock-server:lock', {
    versions: ['2.73', null],
    body: openOrNone({ locked_reason: Type.String({ minLength: 1, maxLength: 255 }) }),
    handler: (ctx, id, value) => serverLock(ctx, id, value?.locked_reason ?? null),
  }),
  action('unlock', 'Unlock a server', 'os-lock-server:unlock', { handler: (ctx, id) => serverUnlock(ctx, id) }),
  action('os-resetState', 'Reset the state of a server', 'os-admin-actions:reset_state', {
    body: open({ state: Type.Unsafe<'active' | 'error'>({ type: 'string', enum: ['active', 'error'] }) }, ['state']),
    handler: (ctx, id, { state }) => serverResetState(ctx, id, state),
  }),
  action('injectNetworkInfo', 'Inject network information', 'os-admin-actions:inject_network_info', {
    handler: (ctx, id) => serverNetworkInject(ctx, id),
  }),
  action('resetNetwork', 'Reset networking', 'os-admin-actions:reset_network', { handler: (ctx, id) => serverNetworkInject(ctx, id) }),
  action('changePassword', 'Change the administrator’s password', 'os-admin-password', {
    body: open({ adminPass }, ['adminPass']),
    handler: (ctx, id) => serverPasswordSet(ctx, id),
  }),
  action('forceDelete', 'Delete a server for good', 'os-deferred-delete:force', { handler: (ctx, id) => serverDelete(ctx, id) }),
  action('restore', 'Restore a soft-deleted server', 'os-deferred-delete:restore', { handler: (ctx, id) => serverRestore(ctx, id) }),
  action('migrate', 'Migrate a server', 'os-migrate-server:migrate', {
    versions: ['2.1', '2.55'],
    handler: (ctx, id) => serverMigrate(ctx, id, null),
  }),
  action('migrate', 'Migrate a server', 'os-migrate-server:migrate', {
    versions: ['2.56', null],
    body: openOrNone({ host: hostOrNull }),
    handler: (ctx, id, value) => serverMigrate(ctx, id, value?.host ?? null),
  }),
  migrateLive(['2.1', '2.24'], oldLive),
  migrateLive(['2.25', '2.29'], autoLive),
  migrateLive(['2.30', '2.67'], forcedLive),
  migrateLive(['2.68', null], autoLive),
  evacuate(['2.1', '2.13'], open({ ...evacuation, onSharedStorage: boolean }, ['onSharedStorage'])),
  evacuate(['2.14', '2.28'], open(evacuation)),
  evacuate(['2.29', '2.67'], open({ ...evacuation, force: boolean })),
  evacuate(['2.68', null], open(evacuation)),
  action('addSecurityGroup', 'Add a security group to a server', 'os-security-groups:add', {
    handler: (ctx, id, value) => serverSecurityGroup(ctx, id, { add: groupName(value) }),
  }),
  action('removeSecurityGroup', 'Remove a security group from a server', 'os-security-groups:remove', {
    handler: (ctx, id, value) => serverSecurityGroup(ctx, id, { remove: groupName(value) }),
  }),
  action('addFixedIp', 'Add a fixed address', 'os-multinic:add', {
    versions: ['2.1', '2.43'],
    body: open({ networkId: Type.Unsafe<string | number>({ type: ['string', 'number'], minLength: 1, maxLength: 36 }) }, ['networkId']),
    handler: (ctx, id, { networkId }) => serverFixedIpAdd(ctx, id, String(networkId)),
  }),
  action('removeFixedIp', 'Remove a fixed address', 'os-multinic:remove', {
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress }, ['address']),
    handler: (ctx, id, { address }) => serverFixedIpRemove(ctx, id, address),
  }),
  action('addFloatingIp', 'Give a floating IP to a server', 'os-floating-ips:add', {
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress, fixed_address: ipAddress }, ['address']),
    handler: (ctx, id, { address, fixed_address: fixedAddress }) => serverFloatingIpAdd(ctx, id, { address, fixedAddress }),
  }),
  action('removeFloatingIp', 'Take a floating IP from a server', 'os-floating-ips:remove', {
    versions: ['2.1', '2.43'],
    body: open({ address: ipAddress }, ['address']),
    handler: (ctx, id, { address }) => serverFloatingIpRemove(ctx, id, address),
  }),
]

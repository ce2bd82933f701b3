// The resources of this service: where they are, what they are called, and the rules and statuses of what can be done to all.
// What is asked of them beyond that stands in each one's file.
import { resource, type Act } from '../../platform/api/resource.ts'

type ActRules = Partial<Record<Act, string>>
const named = (rules: ActRules) => (act: Act) => rules[act] ?? 'deny_all'
const accepted = { create: 202, delete: 202 }

export const volumes = resource({
  path: '/volumes',
  one: 'a volume',
  many: 'volumes',
  rule: named({ list: 'volume:get_all', show: 'volume:get', create: 'volume:create', update: 'volume:update', delete: 'volume:delete' }),
  status: accepted,
})

export const snapshots = resource({
  path: '/snapshots',
  one: 'a snapshot',
  many: 'snapshots',
  rule: (act) => (act === 'list' ? 'volume:get_all_snapshots' : `volume:${act === 'show' ? 'get' : act}_snapshot`),
  status: accepted,
})

export const attachments = resource({
  path: '/attachments',
  versions: ['3.27', null],
  one: 'an attachment',
  many: 'attachments',
  rule: (act) => (act === 'list' ? 'volume:get_all' : act === 'show' ? 'volume:get' : `volume:attachment_${act}`),
  status: { create: 200, delete: 200 },
})

export const types = resource({
  path: '/types',
  one: 'a volume type',
  many: 'volume types',
  rule: (act) => `volume_extension:type_${act === 'list' ? 'get_all' : act === 'show' ? 'get' : act}`,
  status: { create: 200, delete: 202 },
})

export const defaultTypes = resource({
  path: '/default-types',
  versions: ['3.62', null],
  key: 'target',
  one: 'a project’s default volume type',
  many: 'projects’ default volume types',
  rule: (act) =>
    `volume_extension:default_${{ list: 'get_all', show: 'get', create: 'none', update: 'set_or_update', delete: 'unset' }[act]}`,
})

export const backups = resource({
  path: '/backups',
  one: 'a backup',
  many: 'backups',
  rule: (act) => `backup:${act === 'list' ? 'get_all' : act === 'show' ? 'get' : act}`,
  status: accepted,
})

/** at both of its paths */
export const transfers = (path: string, since: string) =>
  resource({
    path,
    versions: [since, null],
    one: 'a transfer',
    many: 'transfers',
    rule: (act) => `volume:${act === 'list' ? 'get_all_transfers' : act === 'show' ? 'get_transfer' : `${act}_transfer`}`,
    status: accepted,
  })

export const groupTypes = resource({
  path: '/group_types',
  versions: ['3.11', null],
  one: 'a group type',
  many: 'group types',
  rule: (act) => (act === 'list' || act === 'show' ? 'allow_all' : `group:group_types:${act}`),
  status: accepted,
})

export const groups = resource({
  path: '/groups',
  versions: ['3.13', null],
  one: 'a group',
  many: 'groups',
  rule: (act) => `group:${act === 'list' ? 'get_all' : act === 'show' ? 'get' : act}`,
  status: { create: 202, update: 202 },
})

export const groupSnapshots = resource({
  path: '/group_snapshots',
  versions: ['3.14', null],
  one: 'a group snapshot',
  many: 'group snapshots',
  rule: (act) => (act === 'list' ? 'group:get_all_group_snapshots' : `group:${act === 'show' ? 'get' : act}_group_snapshot`),
  status: accepted,
})

export const quotaSets = resource({
  path: '/os-quota-sets',
  key: 'target',
  one: 'quotas',
  many: 'quotas',
  rule: (act) => `volume_extension:quotas:${act}`,
  status: { delete: 200 },
})

export const quotaClasses = resource({
  path: '/os-quota-class-sets',
  key: 'target',
  one: 'a quota class',
  many: 'quota classes',
  rule: (act) => `volume_extension:quota_classes:${act === 'show' ? 'get' : act}`,
})

export const services = resource({
  path: '/os-services',
  one: 'a volume service',
  many: 'volume services',
  rule: (act) => `volume_extension:services:${act === 'list' ? 'index' : act}`,
})

export const hosts = resource({
  path: '/os-hosts',
  key: 'host',
  one: 'a volume host',
  many: 'volume hosts',
  rule: () => 'volume_extension:hosts',
})

export const clusters = resource({
  path: '/clusters',
  versions: ['3.7', null],
  key: 'name',
  one: 'a cluster',
  many: 'clusters',
  rule: (act) => `clusters:${act === 'list' ? 'get_all' : act === 'show' ? 'get' : act}`,
})

/** at both of its paths: what the pool holds, which can be made a resource of this service */
export const manageable = (what: 'volume' | 'snapshot', path: string, since: string) =>
  resource({
    path,
    versions: [since, null],
    one: `a ${what}`,
    many: `manageable ${what}s`,
    rule: (act) => `${what}_extension:${act === 'list' ? 'list_manageable' : `${what}_manage`}`,
    status: accepted,
  })

export const messages = resource({
  path: '/messages',
  versions: ['3.3', null],
  one: 'a message',
  many: 'messages',
  rule: named({ list: 'message:get_all', show: 'message:get', delete: 'message:delete' }),
})

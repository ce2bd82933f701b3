// /servers: list, detail, show, update, delete. Creating is in ../create, actions in ../actions.
import { wordsOf } from '../../../platform/words-of.ts'
import { Type } from '../../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../../platform/api/operation.ts'
import { Microversion } from '../../../platform/api/microversion.ts'
import { unchanged } from '../../../platform/api/unchanged.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { nextLink } from '../../../platform/api/list.ts'
import { novaResource } from '../../routes/resource.ts'
import { updateSchema, updateVersions, type UpdateBody } from './schemas.ts'
import { serverDelete } from '../actions/delete.ts'
import { serverList, type ListQuery } from '../list.ts'
import { serverParts } from '../details.ts'
import { canonicalIPv6, serverGet, serverUpdate, type ServerUpdate } from '../servers.ts'
import { serverDetailView, serverIndexView, serverShowView } from '../views/servers.ts'

export const servers = novaResource({ extension: 'servers', one: 'a server', many: 'servers' })
const details = novaResource({
  extension: 'servers',
  path: '/servers/detail',
  words: { list: 'detail' },
  one: 'a server',
  many: 'servers with details',
})
export const id = ({ params }: { params: Record<string, string> }): string => params['id'] ?? ''
/** "does this microversion have that?", for schemas */
export const sinceOf = (version: string) => (asked: string) => Microversion.of(version).atLeast(asked)

const text = Type.Array(Type.String())
const sortKeys = wordsOf(`
  access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description display_name host
  hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked_by node power_state progress project_id
  ramdisk_id root_device_name task_state terminated_at updated_at user_id uuid vm_state
`)
const ignoredSortKeys = wordsOf(`
  architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at disable_terminate ephemeral_gb
  ephemeral_key_uuid id key_data launched_on locked memory_mb os_type reservation_id root_gb shutdown_terminate user_data vcpus
  vm_mode
`)
const filters = wordsOf(`
  user_id project_id tenant_id launch_index image_ref image kernel_id ramdisk_id hostname key_name power_state vm_state task_state
  host node flavor reservation_id launched_at terminated_at availability_zone name display_name description display_description
  locked_by uuid root_device_name config_drive access_ip_v4 access_ip_v6 auto_disk_config progress sort_dir all_tenants
  soft_deleted deleted status ip ip6 created_at block_device_mapping services metadata system_metadata info_cache security_groups
  pci_devices
`)

function listQuery(since: (version: string) => boolean) {
  const time = Type.Array(Type.String({ format: 'date-time' }))
  const keys = since('2.75') ? [...sortKeys, 'locked'] : [...sortKeys, ...ignoredSortKeys]
  const names = [
    ...filters,
    ...(since('2.26') ? ['tags', 'tags-any', 'not-tags', 'not-tags-any'] : []),
    ...(since('2.73') ? ['locked'] : []),
  ]
  const properties = {
    ...Object.fromEntries(names.map((name) => [name, Type.Optional(text)])),
    limit: Type.Array(Type.Unsafe<string>({ type: 'string', pattern: '^[0-9]+$' })),
    marker: text,
    sort_key: Type.Array(Type.Unsafe<string>({ type: 'string', enum: keys })),
    'changes-since': time,
    ...(since('2.66') ? { 'changes-before': time } : {}),
  }
  return Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    properties,
    additionalProperties: !since('2.75'),
    ...(since('2.75') ? { patternProperties: { '^_': {} } } : {}),
  })
}

/** Each parameter with all its values. */
const valuesOf = (query: Record<string, unknown>): ListQuery =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)]))

function list(ctx: Context, request: ApiRequest<Record<string, unknown>>, detailed: boolean): Promise<object> {
  ctx.authorize()
  return unchanged(ctx, request.url, () => freshList(ctx, request, detailed))
}

async function freshList(ctx: Context, request: ApiRequest<Record<string, unknown>>, detailed: boolean): Promise<object> {
  const { rows, limit, next } = await serverList(ctx, valuesOf(request.query), detailed)
  const views = detailed ? serverDetailView(ctx, rows, await serverParts(ctx, rows)) : serverIndexView(ctx, rows)
  // a page that ends before it is full, since enough rows were looked at for one, has a next one all the same
  const end = next === undefined ? { rows: rows.length, marker: rows.at(-1)?.id } : { rows: limit, marker: next }
  const more = limit === 0 ? {} : nextLink(ctx, 'servers', { url: request.url, limit, ...end })
  return { ...views, ...more }
}

const listVersions: [string, string | null][] = [
  ['2.1', '2.25'],
  ['2.26', '2.65'],
  ['2.66', '2.72'],
  ['2.73', '2.74'],
  ['2.75', null],
]

const updateOf = ({ server }: UpdateBody): ServerUpdate => ({
  ...(server.name === undefined ? {} : { name: server.name.trim() }),
  ...defined({ description: server.description, hostname: server.hostname, accessIPv4: server.accessIPv4 }),
  ...(server.accessIPv6 === undefined ? {} : { accessIPv6: canonicalIPv6(server.accessIPv6) }),
  ...defined({ diskConfig: server['OS-DCF:diskConfig'], pinnedZone: server.pinned_availability_zone }),
})

export const serversOperations: Operation[] = [
  ...listVersions.flatMap((versions) => {
    const query = listQuery(sinceOf(versions[0]))
    return [
      servers.list({ versions, query, handler: (ctx, request) => list(ctx, request, false) }),
      details.list({ versions, query, handler: (ctx, request) => list(ctx, request, true) }),
    ]
  }),
  servers.show({
    async handler(ctx, serverId) {
      const server = await serverGet(ctx, serverId)
      return serverShowView(ctx, server, {
        parts: await serverParts(ctx, [server]),
        shown: { full: true, serverGroups: ctx.microversion.atLeast('2.71') },
      })
    },
  }),
  ...updateVersions.map((versions) =>
    servers.update({
      versions,
      body: updateSchema(sinceOf(versions[0])),
      async handler(ctx, serverId, { body }) {
        const server = await serverUpdate(ctx, serverId, updateOf(body))
        const shown = { full: ctx.microversion.atLeast('2.75'), serverGroups: ctx.microversion.atLeast('2.71') }
        return serverShowView(ctx, server, { parts: await serverParts(ctx, [server]), shown })
      },
    }),
  ),
  servers.delete({ handler: (ctx, serverId) => serverDelete(ctx, serverId) }),
]

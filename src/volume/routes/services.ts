// For operators: /os-services, /os-hosts, /scheduler-stats/get_pools, /capabilities, /clusters.
import { Type } from '../../platform/api/type.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest, notFound } from '../../platform/errors.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import { backendName, capabilitiesOf, poolName } from '../capabilities.ts'
import { hostUsage } from '../host-usage.ts'
import { poolsList, serviceFreeze, servicesList, serviceUpdate, type PoolView, type ServiceView } from '../services.ts'
import { micros } from '../views/texts.ts'
import { closed, maybeText, optional } from './bodies.ts'
import { isTrue } from './list-query.ts'
import { clusters, hosts, services } from './resources.ts'

const host = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._#@:/+]*$' })
const hostBody = Type.Object({ host }, closed)

const serviceView = (ctx: Context, service: ServiceView) => ({
  binary: service.binary,
  host: service.host,
  zone: 'nova',
  status: service.enabled ? 'enabled' : 'disabled',
  state: service.up ? 'up' : 'down',
  updated_at: micros(service.updatedAt),
  disabled_reason: service.disabledReason,
  ...(ctx.microversion.atLeast('3.7') ? { cluster: null } : {}),
  ...(service.binary === 'cinder-volume' ? { replication_status: 'disabled', active_backend_id: null, frozen: service.frozen } : {}),
  ...(service.binary === 'cinder-volume' && ctx.microversion.atLeast('3.49') ? { backend_state: service.up ? 'up' : 'down' } : {}),
})

const change = (path: string, disabled: boolean, withReason: boolean) =>
  services.beside(`/${path}`, {
    method: 'PUT',
    summary: `${path} a volume service`,
    policy: 'volume_extension:services:update',
    body: Type.Object(
      {
        host: optional(host),
        binary: optional(Type.String()),
        service: optional(Type.String()),
        disabled_reason: optional(maybeText),
        cluster: optional(maybeText),
      },
      closed,
    ),
    async handler(ctx, { body }) {
      const { host: name, binary = body.service, disabled_reason = null } = body
      if (name === undefined || binary === undefined) throw badRequest("Missing required element 'host' or 'binary' in request body.")
      if (!['cinder-volume', 'cinder-scheduler', 'cinder-backup'].includes(binary))
        throw notFound(`Service ${binary} could not be found on host ${name}.`)
      const service = await serviceUpdate(ctx, { host: name, binary, disabled, reason: disabled_reason })
      const status = { disabled, host: name, service: body.service ?? '', binary, status: disabled ? 'disabled' : 'enabled' }
      return withReason ? { ...status, disabled_reason: service.disabledReason } : status
    },
  })

const freeze = (path: string, frozen: boolean) =>
  services.beside(`/${path}`, {
    method: 'PUT',
    summary: `${path} a volume host`,
    policy: frozen ? 'volume:freeze_host' : 'volume:thaw_host',
    body: hostBody,
    status: 202,
    handler: (ctx, { body }) => serviceFreeze(ctx, body.host, frozen),
  })

const capabilities = (ctx: Context, pool: PoolView) => ({
  ...capabilitiesOf(ctx),
  total_capacity_gb: pool.totalGib ?? 'unknown',
  free_capacity_gb: pool.freeGib ?? 'unknown',
  allocated_capacity_gb: pool.allocatedGib,
  provisioned_capacity_gb: pool.allocatedGib,
  timestamp: pool.updatedAt,
})

async function noCluster(ctx: Context, name: string): Promise<never> {
  ctx.authorize()
  throw notFound(`Cluster ${name} could not be found.`)
}

export const serviceOperations: Operation[] = [
  services.list({
    query: Type.Object({ host: optional(Type.String()), binary: optional(Type.String()) }),
    handler: async (ctx, { query }) => ({ services: (await servicesList(ctx, query)).map((service) => serviceView(ctx, service)) }),
  }),
  change('enable', false, false),
  change('disable', true, false),
  change('disable-log-reason', true, true),
  freeze('freeze', true),
  freeze('thaw', false),
  ...(
    [
      ['failover_host', '3.0'],
      ['failover', '3.26'],
    ] as const
  ).map(([path, since]) =>
    services.beside(`/${path}`, {
      method: 'PUT',
      summary: 'Fail a volume host over (refused: nothing is replicated)',
      policy: 'volume:failover_host',
      versions: [since, null],
      status: 202,
      body: Type.Object({ host: optional(host), backend_id: optional(maybeText), cluster: optional(maybeText) }, closed),
      async handler(ctx, { body }) {
        ctx.authorize()
        return Promise.reject(badRequest(`Invalid input received: the host ${body.host ?? ''} has no replication target.`))
      },
    }),
  ),
  hosts.list({
    async handler(ctx) {
      return {
        hosts: (await servicesList(ctx, {})).map((each) => ({
          host_name: each.host,
          service: each.binary,
          zone: 'nova',
          'service-status': each.up ? 'available' : 'unavailable',
          'service-state': each.enabled ? 'enabled' : 'disabled',
          'last-update': micros(each.updatedAt),
        })),
      }
    },
  }),
  hosts.show({
    summary: 'Show what projects have on a volume host',
    async handler(ctx, name) {
      ctx.authorize()
      const known = (await servicesList(ctx, {})).some((each) => each.host === name)
      if (!known) throw notFound(`Host ${name} could not be found.`)
      const rows = await hostUsage(ctx, name.split('@')[0] ?? name)
      return {
        host: rows.map((row) => ({
          resource: {
            host: name,
            project: row.project,
            volume_count: String(row.volumes),
            total_volume_gb: String(row.volumeGib),
            snapshot_count: String(row.snapshots),
            total_snapshot_gb: String(row.snapshotGib),
          },
        })),
      }
    },
  }),
  operation({
    method: 'GET',
    path: '/scheduler-stats/get_pools',
    summary: 'List pools',
    policy: 'scheduler_extension:scheduler_stats:get_pools',
    status: 200,
    query: Type.Object({ detail: optional(Type.String()), name: optional(Type.String()), volume_type: optional(Type.String()) }),
    async handler(ctx, { query }) {
      ctx.authorize()
      const pools = (await poolsList(ctx))
        .map((pool) => ({ name: poolName(ctx, pool.host), pool }))
        .filter(({ name }) => query.name === undefined || query.name === name)
      return {
        pools: pools.map(({ name, pool }) => (isTrue('detail', query.detail) ? { name, capabilities: capabilities(ctx, pool) } : { name })),
      }
    },
  }),
  operation({
    method: 'GET',
    path: '/capabilities/:host',
    summary: 'Show what a backend can do',
    policy: 'volume_extension:capabilities',
    status: 200,
    async handler(ctx, { params }) {
      ctx.authorize()
      const name = params['host'] ?? ''
      const pool = (await poolsList(ctx)).find(
        ({ host: known }) => name === known || name === `${known}@${backendName(ctx)}` || name === poolName(ctx, known),
      )
      if (!pool) throw notFound(`Can't find service: ${name}`)
      const property = (title: string, description: string) => ({ title, description, type: 'boolean' })
      return {
        namespace: `OS::Storage::Capabilities::${name}`,
        vendor_name: 'Open Source',
        volume_backend_name: backendName(ctx),
        pool_name: name.includes('#') ? backendName(ctx) : null,
        driver_version: '1.0.0',
        storage_protocol: 'file',
        display_name: null,
        description: null,
        visibility: null,
        replication_targets: [],
        properties: {
          thin_provisioning: property('Thin Provisioning', 'Sets thin provisioning.'),
          compression: property('Compression', 'Enables compression.'),
          qos: property('QoS', 'Enables QoS.'),
          replication_enabled: property('Replication', 'Enables replication.'),
        },
      }
    },
  }),
  clusters.show({ summary: 'Show a cluster (there is none)', handler: (ctx, name) => noCluster(ctx, name) }),
  ...(['enable', 'disable'] as const).map((path) =>
    clusters.beside(`/${path}`, {
      method: 'PUT',
      summary: `${path} a cluster (there is none)`,
      policy: 'clusters:update',
      body: Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 255 }),
          binary: optional(Type.String({ maxLength: 255 })),
          disabled_reason: optional(maybeText),
        },
        closed,
      ),
      handler: (ctx, { body }) => noCluster(ctx, body.name),
    }),
  ),
  ...['', '/detail'].map((path) =>
    clusters.beside(path, {
      async handler(ctx) {
        ctx.authorize()
        return { clusters: [] }
      },
    }),
  ),
]

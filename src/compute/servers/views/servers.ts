// ListedServer → what the API shows, exact at each microversion. Everything that is not in the row is gathered for all
// servers of an answer at once (serverParts), so that a list costs a fixed number of queries.
import { hash } from 'node:crypto'
import type { ServerPort } from '../../../network/index.ts'
import { isoSeconds } from '../../../platform/clock.ts'
import type { Context } from '../../../platform/context.ts'
import { defaultZone } from '../../hosts/facts.ts'
import type { ServerParts } from '../details.ts'
import { statusOf } from '../states.ts'
import { knownImageProperties } from '../guest/image-properties.ts'
import type { ListedServer } from '../store/list.ts'
import type { Fault } from '../store/servers.ts'
import { addressesView } from './addresses.ts'

/** What an answer shows beside the basics: an update before 2.75 shows less than a look-up. */
export interface Shown {
  /** all attributes, as GET shows them */
  full: boolean
  /** key_name even when not full: rebuild since 2.54 */
  keyName?: boolean
  serverGroups?: boolean
  /** rebuild shows user_data itself */
  userData?: boolean
}

const faultStatuses = new Set(['ERROR', 'DELETED'])
const progressStatuses = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING'])

/** {"servers": [{id, name, links}]} */
export const serverIndexView = (ctx: Context, rows: ListedServer[]) => ({
  servers: rows.map((row) => ({ id: row.id, name: row.name, links: serverLinks(ctx, row.id) })),
})

export const serverDetailView = (ctx: Context, rows: ListedServer[], parts: ServerParts): { servers: object[] } => ({
  servers: rows.map((row) => serverBody(ctx, row, { parts, shown: { full: true } })),
})

export const serverShowView = (
  ctx: Context,
  row: ListedServer,
  { parts, shown }: { parts: ServerParts; shown: Shown },
): { server: ServerBody } => ({
  server: serverBody(ctx, row, { parts, shown }),
})

export function serverLinks(ctx: Context, id: string): { rel: string; href: string }[] {
  const base = `${ctx.config.publicUrl}/compute`
  return [
    { rel: 'self', href: `${base}/v2.1/servers/${id}` },
    { rel: 'bookmark', href: `${base}/servers/${id}` },
  ]
}

/** Its attributes by names that are written here: nothing from outside is looked up in it, so it is no table. */
interface ServerBody {
  [attribute: string]: unknown
}

function serverBody(ctx: Context, row: ListedServer, { parts, shown }: { parts: ServerParts; shown: Shown }): ServerBody {
  const since = (version: string) => ctx.microversion.atLeast(version)
  const status = row.deleted ? 'DELETED' : statusOf(row.vm_state, row.task_state)
  const ports = parts.ports.get(row.id) ?? []
  const server: ServerBody = {
    id: row.id,
    name: row.name,
    status,
    tenant_id: row.project_id,
    user_id: row.user_id,
    metadata: row.metadata,
    hostId: hostIdOnce(parts.hostIds, row),
    image: imageView(ctx, row),
    flavor: flavorView(ctx, row, parts.extraSpecs),
    created: seconds(row.created_at),
    updated: seconds(row.updated_at),
    addresses: row.vm_state === 'building' ? {} : addressesView(ports, shown.full),
    accessIPv4: row.access_ip_v4 ?? '',
    accessIPv6: row.access_ip_v6 ?? '',
    links: serverLinks(ctx, row.id),
    'OS-DCF:diskConfig': row.disk_config,
  }
  if (row.fault !== null && faultStatuses.has(status)) server['fault'] = faultView(row.fault, parts.admin)
  if (progressStatuses.has(status)) server['progress'] = row.progress
  if (shown.full) fullAttributes(server, { row, parts, ports, since, userData: shown.userData !== false })
  else if (shown.keyName) server['key_name'] = row.key_name
  if (since('2.9')) server['locked'] = row.locked_by !== null
  if (since('2.73')) server['locked_reason'] = row.locked_reason
  if (since('2.19')) server['description'] = row.description
  if (since('2.26')) server['tags'] = parts.tags.get(row.id) ?? []
  if (since('2.63')) server['trusted_image_certificates'] = null
  if (since('2.90') && !(shown.full && parts.extended)) server['OS-EXT-SRV-ATTR:hostname'] = row.hostname
  if (since('2.96') && (shown.full || since('2.75'))) server['pinned_availability_zone'] = row.pinned_az
  if (since('2.100')) server['scheduler_hints'] = hintsView(row.hints)
  if (shown.serverGroups) server['server_groups'] = row.group_id === null ? [] : [row.group_id]
  return server
}

interface Full {
  row: ListedServer
  parts: ServerParts
  ports: ServerPort[]
  since(version: string): boolean
  userData: boolean
}

function fullAttributes(server: ServerBody, { row, parts, ports, since, userData }: Full): void {
  server['OS-EXT-AZ:availability_zone'] = row.host === null ? (row.pinned_az ?? '') : (row.availability_zone ?? defaultZone)
  server['config_drive'] = row.config_drive ? 'True' : ''
  server['key_name'] = row.key_name
  server['OS-SRV-USG:launched_at'] = micros(row.launched_at)
  server['OS-SRV-USG:terminated_at'] = micros(row.terminated_at)
  const groups = ports.flatMap((port) => port.securityGroups.map(({ name }) => ({ name })))
  if (groups.length > 0) server['security_groups'] = groups
  if (parts.extended) {
    server['OS-EXT-SRV-ATTR:host'] = row.host
    server['OS-EXT-SRV-ATTR:instance_name'] = instanceName(row.id)
    server['OS-EXT-SRV-ATTR:hypervisor_hostname'] = row.node
    if (since('2.3')) {
      server['OS-EXT-SRV-ATTR:reservation_id'] = row.reservation_id
      server['OS-EXT-SRV-ATTR:launch_index'] = row.launch_index
      server['OS-EXT-SRV-ATTR:hostname'] = row.hostname
      server['OS-EXT-SRV-ATTR:kernel_id'] = ''
      server['OS-EXT-SRV-ATTR:ramdisk_id'] = ''
      server['OS-EXT-SRV-ATTR:root_device_name'] = row.root_device
      if (userData) server['OS-EXT-SRV-ATTR:user_data'] = row.user_data
    }
  }
  server['OS-EXT-STS:task_state'] = row.task_state
  server['OS-EXT-STS:vm_state'] = row.vm_state
  server['OS-EXT-STS:power_state'] = row.power_state
  const volumes = parts.volumes.get(row.id) ?? []
  server['os-extended-volumes:volumes_attached'] = volumes.map(({ id, deleteOnTermination }) =>
    since('2.3') ? { id, delete_on_termination: deleteOnTermination } : { id },
  )
  if (parts.hostStatus) server['host_status'] = row.host === null ? '' : (parts.hostStatus.get(row.host) ?? 'UNKNOWN')
}

function imageView(ctx: Context, { image_id: id, image_properties: properties }: ListedServer): unknown {
  if (id === '') return ''
  const image = { id, links: [{ rel: 'bookmark', href: `${ctx.config.publicUrl}/compute/images/${id}` }] }
  return ctx.microversion.atLeast('2.98') ? { ...image, properties: knownImageProperties(properties) } : image
}

/** Each hint as the list of its values, however few, as the scheduler reads it. */
const hintsView = (hints: Record<string, unknown>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(hints).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value : [value]).map((one: unknown) => (typeof one === 'string' ? one : JSON.stringify(one))),
    ]),
  )

function flavorView(ctx: Context, row: ListedServer, extraSpecs: boolean): unknown {
  if (!ctx.microversion.atLeast('2.47'))
    return {
      id: row.flavor_id,
      links: [{ rel: 'bookmark', href: `${ctx.config.publicUrl}/compute/flavors/${encodeURIComponent(row.flavor_id)}` }],
    }
  const { flavor } = row
  return {
    vcpus: flavor.vcpus,
    ram: flavor.ramMib,
    disk: flavor.rootGib,
    ephemeral: flavor.ephemeralGib,
    swap: flavor.swapMib,
    original_name: flavor.name,
    ...(extraSpecs ? { extra_specs: flavor.extraSpecs } : {}),
  }
}

/** The details of a bug are for admins. */
function faultView({ details, ...fault }: Fault, admin: boolean): Fault {
  return { ...fault, created: seconds(fault.created), ...(details !== undefined && (admin || fault.code !== 500) ? { details } : {}) }
}

/** A host's name that differs for each project, so that nobody learns where others are. */
export const hostIdOf = (projectId: string, host: string | null): string => (host === null ? '' : hash('sha224', projectId + host, 'hex'))

function hostIdOnce(known: Map<string, string>, row: ListedServer): string {
  const key = `${row.project_id} ${row.host ?? ''}`
  let id = known.get(key)
  if (id === undefined) known.set(key, (id = hostIdOf(row.project_id, row.host)))
  return id
}

const instanceName = (id: string): string => `instance-${id.slice(0, 8)}`

/** '…:06.123Z' → '…:06Z' */
const seconds = (iso: string): string => (iso.length === 24 ? `${iso.slice(0, 19)}Z` : isoSeconds(Date.parse(iso)))
/** '…:06.123Z' → '…:06.123000' */
const micros = (iso: string | null): string | null => (iso === null ? null : `${iso.slice(0, 23)}000`)

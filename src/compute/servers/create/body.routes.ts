// The body of POST /servers: its schema, as it is at each microversion, and the request that it becomes, whose type is this reading.
import type { Static } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
import { boolean, description, hostName, metadata, name, open, positiveInteger } from '../../routes/schemas.ts'
import {
  uuid,
  ipAddress,
  tag,
  adminPass,
  base64,
  diskConfig,
  hostnameSince,
  flavorRef,
  maxTags,
  trustedCertificates,
  personality,
  type Since,
} from '../routes/schemas.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest } from '../../../platform/errors.ts'
import { isUuidLike } from '../../../platform/ids.ts'
import type { ServerNetworkRequest } from '../../../network/index.ts'
import { canonicalIPv6 } from '../servers.ts'
import { devicesOfLegacy, devicesOfV2 } from './devices.ts'

const volumeSize = Type.Unsafe<string | number>({ type: ['integer', 'string'], pattern: '^[0-9]+$', minimum: 1, maximum: 0x7fffffff })

const nic = (since: Since) =>
  open({
    fixed_ip: ipAddress,
    port: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] }),
    uuid: since('2.37') ? uuid : Type.String(),
    ...((since('2.32') && !since('2.37')) || since('2.42') ? { tag } : {}),
  })

/** More than any guest can have. Nova names no limit, and then holds everybody up. */
const maxDevices = 128

const networks = (since: Since) =>
  Type.Unsafe<Static<ReturnType<typeof nic>>[] | 'none' | 'auto'>(
    since('2.37')
      ? {
          oneOf: [
            { type: 'array', items: nic(since), maxItems: maxDevices },
            { type: 'string', enum: ['none', 'auto'] },
          ],
        }
      : Type.Array(nic(since), { maxItems: maxDevices }),
  )

const legacyDevice = {
  virtual_name: Type.String({ maxLength: 255 }),
  volume_id: uuid,
  snapshot_id: uuid,
  volume_size: volumeSize,
  device_name: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._\\-r/]*$' }),
  delete_on_termination: boolean,
  no_device: Type.Unknown(),
  connection_info: Type.String({ maxLength: 16_777_215 }),
}

const device = (since: Since, isOnly232: boolean) =>
  open({
    ...legacyDevice,
    source_type: Type.Unsafe<'volume' | 'image' | 'snapshot' | 'blank'>({ type: 'string', enum: ['volume', 'image', 'snapshot', 'blank'] }),
    uuid: Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9._-]*$' }),
    image_id: uuid,
    destination_type: Type.Unsafe<'local' | 'volume'>({ type: 'string', enum: ['local', 'volume'] }),
    guest_format: Type.String({ maxLength: 255 }),
    device_type: Type.String({ maxLength: 255 }),
    disk_bus: Type.String({ maxLength: 255 }),
    boot_index: Type.Unsafe<string | number | null>({ type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$' }),
    ...(isOnly232 || since('2.42') ? { tag } : {}),
    ...(since('2.67') ? { volume_type: Type.Unsafe<string | null>({ type: ['string', 'null'], minLength: 0, maxLength: 255 }) } : {}),
  })

const oneOrMany = Type.Unsafe<string | string[]>({
  oneOf: [
    { type: 'string', format: 'uuid' },
    { type: 'array', items: { type: 'string', format: 'uuid' } },
  ],
})
const hints = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  properties: {
    group: uuid,
    different_host: oneOrMany,
    same_host: { type: ['string', 'array'], items: uuid },
    query: { type: ['string', 'object'] },
    target_cell: name,
    different_cell: { type: ['string', 'array'], items: { type: 'string' } },
    build_near_host_ip: ipAddress,
    cidr: { type: 'string', pattern: '^/[0-9a-f.:]+$' },
  },
  additionalProperties: true,
})

/** The microversions at which the body of POST /servers changed. */
export const createVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.31'],
  ['2.32', '2.32'],
  ['2.33', '2.36'],
  ['2.37', '2.41'],
  ['2.42', '2.51'],
  ['2.52', '2.56'],
  ['2.57', '2.62'],
  ['2.63', '2.66'],
  ['2.67', '2.73'],
  ['2.74', '2.89'],
  ['2.90', '2.93'],
  ['2.94', null],
]

export type CreateBody = Static<ReturnType<typeof createSchema>>

export function createSchema(since: Since, isOnly232: boolean) {
  const server = {
    name,
    imageRef: Type.Unsafe<string>({
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'string', maxLength: 0 },
      ],
    }),
    flavorRef,
    adminPass,
    metadata,
    networks: networks(since),
    'OS-DCF:diskConfig': diskConfig,
    accessIPv4: Type.String({ format: 'ipv4' }),
    accessIPv6: Type.String({ format: 'ipv6' }),
    ...(since('2.57') ? {} : { personality }),
    availability_zone: name,
    block_device_mapping: Type.Array(open(legacyDevice), { maxItems: maxDevices }),
    block_device_mapping_v2: Type.Array(device(since, isOnly232), { maxItems: maxDevices }),
    config_drive: boolean,
    key_name: name,
    min_count: positiveInteger,
    max_count: positiveInteger,
    return_reservation_id: boolean,
    security_groups: Type.Array(open({ name }), { maxItems: maxDevices }),
    user_data: base64,
    ...(since('2.19') ? { description } : {}),
    ...(since('2.52') ? { tags: Type.Array(tag, { maxItems: maxTags }) } : {}),
    ...(since('2.63') ? { trusted_image_certificates: trustedCertificates } : {}),
    ...(since('2.74') ? { host: hostName, hypervisor_hostname: hostName } : {}),
    ...hostnameSince(since),
  }
  const needed: ('name' | 'flavorRef')[] = ['name', 'flavorRef']
  const required = since('2.37') ? [...needed, 'networks' as never] : needed
  return open({ server: open(server, required), 'os:scheduler_hints': hints, 'OS-SCH-HNT:scheduler_hints': hints }, ['server'])
}

/** The last part of a reference that may be a URL. */
const idOfReference = (reference: string | number): string => String(reference).split('?')[0]?.split('/').pop() ?? ''

/** What a body asks for, the same for all microversions. */
export function newServer(ctx: Context, body: CreateBody) {
  const { server } = body
  const legacy = server.block_device_mapping ?? []
  const modern = server.block_device_mapping_v2 ?? []
  if (legacy.length > 0 && modern.length > 0)
    throw badRequest('Using different block_device_mapping syntaxes is not allowed in the same request.')
  if (server.trusted_image_certificates) throw badRequest('Image signature certificate validation is not supported by this cloud.')
  const imageId = idOfReference(server.imageRef ?? '')
  const hasImage = imageId !== ''
  const minCount = Number(server.min_count ?? 1)
  return {
    name: server.name.trim(),
    hostname: server.hostname ?? null,
    /** what the row keeps as it was given */
    kept: {
      description: ctx.microversion.atLeast('2.19') ? (server.description ?? null) : server.name.trim(),
      user_data: server.user_data ?? null,
      metadata: server.metadata ?? {},
      access_ip_v4: server.accessIPv4 ?? null,
      access_ip_v6: server.accessIPv6 === undefined ? null : canonicalIPv6(server.accessIPv6),
    },
    imageId,
    flavorId: idOfReference(server.flavorRef),
    keyName: server.key_name ?? null,
    configDrive: lenientBoolean(server.config_drive),
    files: (server.personality ?? []).map(({ path = '', contents = '' }) => ({ path, contents })),
    /** names or ids; undefined: the default group */
    securityGroups:
      server.security_groups === undefined
        ? undefined
        : [...new Set(server.security_groups.flatMap((group) => (group.name ? [group.name] : [])))],
    networks: networksOf(server.networks),
    devices: legacy.length > 0 ? devicesOfLegacy(legacy, hasImage) : devicesOfV2(modern, hasImage),
    /** no block_device_mapping_v2 was given */
    legacyDevices: modern.length === 0,
    availabilityZone: server.availability_zone,
    hints: body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {},
    minCount,
    maxCount: Number(server.max_count ?? minCount),
    tags: server.tags ?? [],
    requestedHost: server.host,
    requestedNode: server.hypervisor_hostname,
    diskConfig: server['OS-DCF:diskConfig'],
    /** multi-attach volumes are known since 2.60 */
    multiattach: ctx.microversion.atLeast('2.60'),
  }
}

export type NewServer = ReturnType<typeof newServer>

function networksOf(networks: CreateBody['server']['networks']): ServerNetworkRequest[] | 'auto' | 'none' | undefined {
  if (networks === undefined || typeof networks === 'string') return networks
  const ports = new Set<string>()
  return networks.map(({ uuid, port, fixed_ip: fixedIp, tag }): ServerNetworkRequest => {
    if (!port) {
      if (uuid === undefined) throw badRequest("Bad network format: missing 'uuid'")
      if (!isUuidLike(uuid)) throw badRequest(`Bad networks format: network uuid is not in proper format (${uuid})`)
      return { networkId: uuid, fixedIp, tag }
    }
    if (ports.has(port)) throw badRequest(`Port ID '${port}' was specified twice: you cannot attach a port multiple times.`)
    if (fixedIp !== undefined)
      throw badRequest(`Specified Fixed IP '${fixedIp}' cannot be used with port '${port}': the two cannot be specified together.`)
    ports.add(port)
    return { portId: port, tag }
  })
}

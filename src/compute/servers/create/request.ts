// The body of POST /servers, as it is at each microversion, becomes one request: the type of what logic accepts is this reading.
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest } from '../../../platform/errors.ts'
import { isUuidLike } from '../../../platform/ids.ts'
import type { ServerNetworkRequest } from '../../../network/index.ts'
import type { CreateBody } from '../routes/schemas.ts'
import { canonicalIPv6 } from '../servers.ts'
import { devicesOfLegacy, devicesOfV2 } from './devices.ts'

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

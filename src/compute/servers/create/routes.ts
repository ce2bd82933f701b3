// POST /servers: the body, as it is at each microversion, becomes a NewServer.
import { operation, Reply, type Operation } from '../../../platform/api/operation.ts'
import { lenientBoolean } from '../../../platform/api/words.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest } from '../../../platform/errors.ts'
import { isUuidLike } from '../../../platform/ids.ts'
import type { ServerNetworkRequest } from '../../../network/index.ts'
import { canonicalIPv6, createSchema, createVersions, type CreateBody } from '../routes/schemas.ts'
import { sinceOf } from '../routes/servers.ts'
import { generatedPassword } from '../actions/password.ts'
import { devicesOfLegacy, devicesOfV2 } from './devices.ts'
import { serversCreate, type NewServer } from './create.ts'
import { serverLinks } from '../views/servers.ts'

/** The last part of a reference that may be a URL. */
const idOfReference = (reference: string | number): string => String(reference).split('?')[0]?.split('/').pop() ?? ''

function newServer(ctx: Context, body: CreateBody): NewServer {
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
    description: ctx.microversion.atLeast('2.19') ? (server.description ?? null) : server.name.trim(),
    hostname: server.hostname ?? null,
    imageId,
    flavorId: idOfReference(server.flavorRef),
    keyName: server.key_name ?? null,
    userData: server.user_data ?? null,
    configDrive: lenientBoolean(server.config_drive),
    metadata: server.metadata ?? {},
    files: (server.personality ?? []).map(({ path = '', contents = '' }) => ({ path, contents })),
    securityGroups:
      server.security_groups === undefined
        ? undefined
        : [...new Set(server.security_groups.flatMap((group) => (group.name ? [group.name] : [])))],
    networks: networksOf(server.networks),
    devices: legacy.length > 0 ? devicesOfLegacy(legacy, hasImage) : devicesOfV2(modern, hasImage),
    legacyDevices: modern.length === 0,
    availabilityZone: server.availability_zone,
    hints: body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {},
    minCount,
    maxCount: Number(server.max_count ?? minCount),
    tags: server.tags ?? [],
    requestedHost: server.host,
    requestedNode: server.hypervisor_hostname,
    accessIPv4: server.accessIPv4 ?? null,
    accessIPv6: server.accessIPv6 === undefined ? null : canonicalIPv6(server.accessIPv6),
    diskConfig: server['OS-DCF:diskConfig'],
    multiattach: ctx.microversion.atLeast('2.60'),
  }
}

function networksOf(networks: CreateBody['server']['networks']): NewServer['networks'] {
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

async function create(ctx: Context, body: CreateBody): Promise<Reply> {
  const { servers, reservationId } = await serversCreate(ctx, newServer(ctx, body))
  if (lenientBoolean(body.server.return_reservation_id)) return new Reply({ reservation_id: reservationId })
  const [server] = servers
  if (!server) throw new Error('a request for servers made none')
  const links = serverLinks(ctx, server.id)
  const view = {
    id: server.id,
    links,
    'OS-DCF:diskConfig': server.disk_config,
    security_groups: body.server.security_groups ?? [{ name: 'default' }],
    adminPass: body.server.adminPass ?? generatedPassword(ctx.ids),
  }
  return new Reply({ server: view }, { headers: { location: links[0]?.href ?? '' } })
}

export const serverCreateOperations: Operation[] = createVersions.map((versions) =>
  operation({
    method: 'POST',
    path: '/servers',
    summary: 'Create servers',
    policy: 'os_compute_api:servers:create',
    versions,
    status: 202,
    body: createSchema(sinceOf(versions[0]), versions[0] === '2.32'),
    handler: (ctx, request) => create(ctx, request.body),
  }),
)

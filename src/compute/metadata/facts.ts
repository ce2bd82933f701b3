// Everything that metadata says of a server, gathered once: for the metadata service and for the config drive.
import type { Context } from '../../platform/context.ts'
import { attachedPortsList, portDetailsOfServer, type ServerPortDetails } from '../../network/index.ts'
import type { ServerRow } from '../servers/store/servers.ts'
import { devicesOf } from '../servers/store/parts.ts'

export interface MetadataFacts {
  id: string
  projectId: string
  name: string
  hostname: string
  availabilityZone: string
  launchIndex: number
  reservationId: string
  imageId: string
  flavorName: string
  metadata: Record<string, string>
  key: { name: string; data: string } | null
  userData: Buffer | null
  files: { path: string; contents: Buffer }[]
  ports: ServerPortDetails[]
  /** port → device tag */
  portTags: Map<string, string>
  volumes: { volumeId: string; device: string | null; tag: string | null }[]
  password: string
}

const defaultZone = 'nova'
/** what Nova appends to a host name in metadata */
const domainName = 'novalocal'

export async function metadataFacts(ctx: Context, server: ServerRow): Promise<MetadataFacts> {
  const [ports, attached, devices] = [
    await portDetailsOfServer(ctx, server.id),
    await attachedPortsList(ctx, [server.id]),
    await devicesOf(ctx.db, server.id),
  ]
  return {
    id: server.id,
    projectId: server.project_id,
    name: server.name,
    hostname: `${server.hostname}.${domainName}`,
    availabilityZone: server.availability_zone ?? defaultZone,
    launchIndex: server.launch_index,
    reservationId: server.reservation_id,
    imageId: server.image_id,
    flavorName: server.flavor.name,
    metadata: server.metadata,
    key: server.key_name !== null && server.key_data !== null ? { name: server.key_name, data: server.key_data } : null,
    userData: server.user_data === null ? null : Buffer.from(server.user_data, 'base64'),
    files: (server.personality ?? []).map(({ path, contents }) => ({ path, contents: Buffer.from(contents, 'base64') })),
    ports,
    portTags: new Map(attached.flatMap(({ portId, tag }) => (tag === null ? [] : [[portId, tag]]))),
    volumes: devices.flatMap((row) => (row.volume_id === null ? [] : [{ volumeId: row.volume_id, device: row.device, tag: row.tag }])),
    password: server.password,
  }
}

// Creating servers: one commit in which all that the user named is looked up with their rights, and in which row, quota,
// scheduler's decision, claim, reserved volumes, timeline and work item are written. The building itself is create.saga.ts.
import { networksForServer, portsLeft, securityGroupsForServer } from '../../../network/index.ts'
import type { ImageFacts } from '../../../image/index.ts'
import { isoMillis } from '../../../platform/clock.ts'
import { Budget } from '../../../platform/budget.ts'
import type { Context } from '../../../platform/context.ts'
import { badRequest, forbidden } from '../../../platform/errors.ts'
import { schedule, type Decision } from '../../scheduling/scheduler.ts'
import {
  assertDevices,
  assertRootNameFree,
  deviceRows,
  isImageDisk,
  rootVolume,
  type AcceptedDevices,
  type DeviceRequest,
} from './devices.ts'
import { flavorForServer } from '../../flavors/flavors.ts'
import { keyForServer } from '../../keypairs/keypairs.ts'
import { assertFits, imageForServer } from './image.ts'
import { assertGuestConstraints } from '../guest/constraints.ts'
import { devicesAccept } from './device-sources.ts'
import { devicesOfServer } from './image-devices.ts'
import { serverGroupForServer } from './group-choice.ts'
import { assertZone, buildLimit, hostByName, parseZone } from '../../scheduling/placing.ts'
import { assertWithinItemLimits, serversAllowed } from '../quota.ts'
import { power } from '../states.ts'
import { serverEvent } from '../servers.ts'
import { faultOf } from '../faults.ts'
import { devicesInsert, tagsInsert } from '../store/parts.ts'
import { serverInsert, type ServerFlavor, type ServerRow } from '../store/servers.ts'
import { volumesWithServerInsert } from '../store/volumes-with-server.ts'
import type { NewServer } from './body.routes.ts'
import { serverCreateSaga } from './create.saga.ts'

/** What was looked up and checked with the user's rights, for all servers of the request. */
interface Plan {
  wanted: NewServer
  flavor: ServerFlavor
  image: ImageFacts | null
  imageProperties: Record<string, string>
  key: { name: string; data: string } | null
  disks: AcceptedDevices
  networks: Awaited<ReturnType<typeof networksForServer>>
  securityGroupIds: string[]
  zone: string | null
  host: { name: string; forced: boolean } | null
  groupId: string | null
  hints: Record<string, unknown>
}

/** To accept one takes a millisecond and a half: three of a thousand, then others have a turn. */
const stepsPerServer = 80_000

/** Accepts 1..n servers; they are built by work that is queued in the same commit. */
export async function serversCreate(ctx: Context, wanted: NewServer): Promise<{ servers: ServerRow[]; reservationId: string }> {
  ctx.authorize({ project_id: ctx.projectId, user_id: ctx.actor.userId })
  const reservationId = `r-${ctx.ids.hex().slice(0, 8)}`
  return ctx.transaction(async (tx) => {
    const plan = await planOf(tx, wanted)
    const size = { minCount: wanted.minCount, maxCount: await withinPorts(tx, plan), cores: plan.flavor.vcpus, ram: plan.flavor.ramMib }
    const count = await serversAllowed(tx, { projectId: tx.projectId, userId: tx.actor.userId }, size)
    const servers: ServerRow[] = []
    const budget = new Budget()
    for (let index = 0; index < count; index++) {
      await budget.take(stepsPerServer)
      servers.push(await accept(tx, plan, { reservationId, index, count: wanted.maxCount }))
    }
    return { servers, reservationId }
  })
}

const longestHints = 65_536

/** They are kept with the server, and read at each decision about it. */
function assertHintsFit(hints: Record<string, unknown>): void {
  if (JSON.stringify(hints).length > longestHints)
    throw badRequest(`Invalid input for field/attribute os:scheduler_hints: it is longer than ${longestHints} characters.`)
}

/** As many servers as the quota of ports lets in: fewer than asked for, but not fewer than the least. */
async function withinPorts(tx: Context, { wanted, networks }: Plan): Promise<number> {
  const each = networks.filter(({ portId }) => portId === null).length
  const most = each === 0 ? wanted.maxCount : Math.floor((await portsLeft(tx, tx.projectId)) / each)
  if (most < wanted.minCount) throw forbidden('Maximum number of ports exceeded')
  return Math.min(wanted.maxCount, most)
}

async function planOf(ctx: Context, wanted: NewServer): Promise<Plan> {
  if (wanted.minCount > wanted.maxCount) throw badRequest('min_count must be <= max_count')
  if (wanted.hostname !== null && wanted.maxCount > 1) throw badRequest('Unable to allocate a single hostname to multiple instances')
  assertHintsFit(wanted.hints)
  const { zone, host } = await place(ctx, wanted)
  if (wanted.devices.length > 0) ctx.authorize(undefined, 'os_compute_api:servers:create:attach_volume')
  if (wanted.imageId === '' && wanted.devices.length === 0) throw badRequest('Missing imageRef attribute')
  const named = wanted.networks !== undefined && wanted.networks !== 'none' && wanted.networks.length > 0
  if (named) ctx.authorize(undefined, 'os_compute_api:servers:create:attach_network')
  const flavor = await flavorForServer(ctx, wanted.flavorId)
  const image = await imageOfRequest(ctx, wanted)
  if (wanted.imageId !== '') assertRootNameFree(wanted.devices)
  const all = devicesOfServer(image, wanted)
  const root = all.find(({ bootIndex, destinationType }) => bootIndex === 0 && destinationType === 'volume')
  assertDevices(all, { flavor, count: wanted.maxCount })
  assertFits(ctx, { image, flavor, rootVolume: root ? { sizeGib: root.sizeGib } : null })
  await assertWithinItemLimits(ctx, { metadata: wanted.kept.metadata, files: wanted.files })
  const disks = { devices: all, volumes: await devicesAccept(ctx, all, image) }
  const volume = image ? null : await rootVolume(ctx, disks)
  const imageProperties = image?.properties ?? volume?.imageProperties ?? {}
  assertGuestConstraints(imageProperties, flavor)
  const hints = Object.fromEntries(Object.entries(wanted.hints).filter(([name]) => !name.startsWith('_')))
  return {
    wanted,
    flavor,
    image,
    zone,
    host,
    hints,
    disks: withRows(disks),
    imageProperties,
    key: await keyForServer(ctx, wanted.keyName),
    networks: await networksForServer(ctx, { projectId: ctx.projectId, requested: wanted.networks, count: wanted.maxCount }),
    securityGroupIds: wanted.securityGroups === undefined ? [] : await securityGroupsForServer(ctx, ctx.projectId, wanted.securityGroups),
    groupId: await serverGroupForServer(ctx, hints),
  }
}

async function place(ctx: Context, wanted: NewServer): Promise<{ zone: string | null; host: Plan['host'] }> {
  const { zone, host } = parseZone(wanted.availabilityZone)
  if (host !== null) ctx.authorize(undefined, 'os_compute_api:servers:create:forced_host')
  const requested = wanted.requestedHost ?? wanted.requestedNode
  if (requested !== undefined) {
    ctx.authorize(undefined, 'compute:servers:create:requested_destination')
    if (host !== null)
      throw badRequest(
        'One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.',
      )
    if (!(await hostByName(ctx, requested))) throw badRequest(`Compute host ${requested} could not be found.`)
    return { zone, host: { name: requested, forced: false } }
  }
  if (host !== null) return { zone: null, host: { name: host, forced: true } }
  if (zone !== null) await assertZone(ctx, zone)
  return { zone, host: null }
}

/** The image's own disk is the flavor's: it has no row. */
const withRows = ({ devices, volumes }: AcceptedDevices): AcceptedDevices => ({
  devices: devices.filter((device) => !isImageDisk(device)),
  volumes: volumes.filter((_, at) => !isImageDisk(devices[at] as DeviceRequest)),
})

/** The image to boot from: named itself, or copied onto the root volume. */
async function imageOfRequest(ctx: Context, wanted: NewServer): Promise<ImageFacts | null> {
  if (wanted.imageId !== '') return imageForServer(ctx, wanted.imageId)
  const root = wanted.devices.find(({ bootIndex }) => bootIndex === 0)
  if (root?.sourceType !== 'image' || root.sourceId === null) return null
  return imageForServer(ctx, root.sourceId, `Block Device Mapping is Invalid: failed to get image ${root.sourceId}.`)
}

interface Place {
  reservationId: string
  index: number
  count: number
}

/** One server: its row, its place, its work, in the caller's transaction. */
async function accept(tx: Context, plan: Plan, at: Place): Promise<ServerRow> {
  const { wanted, flavor } = plan
  const id = tx.ids.uuid()
  const bootFromVolume = plan.disks.devices.some(({ bootIndex, destinationType }) => bootIndex === 0 && destinationType === 'volume')
  const decision = await schedule(tx, {
    action: 'create',
    serverId: id,
    consumerId: id,
    projectId: tx.projectId,
    userId: tx.actor.userId,
    flavor,
    image: plan.image && { id: plan.image.id, properties: plan.image.properties },
    bootFromVolume,
    availabilityZone: plan.zone,
    hints: plan.hints,
    groupId: plan.groupId,
    ...(plan.host ? { host: plan.host.name, forced: plan.host.forced } : {}),
  })
  const server = { ...newRow(tx, plan, { ...at, id, bootFromVolume }), ...(await placeOf(tx, decision)) }
  await serverInsert(tx.db, server)
  await serverEvent(tx, server, { action: 'create', result: 'start' })
  if (decision.host === null) await serverEvent(tx, server, { action: 'create', result: 'error', message: decision.reason })
  await tagsInsert(tx.db, id, wanted.tags)
  if (server.host === null) {
    const going = plan.disks.devices.flatMap((device) =>
      device.deleteOnTermination && device.sourceType === 'volume' && device.sourceId !== null ? [device.sourceId] : [],
    )
    await volumesWithServerInsert(tx.db, id, going)
    return server
  }
  const devices = plan.disks.devices.length > 0 ? await deviceRows(tx, id, plan.disks) : []
  if (devices.length > 0) await devicesInsert(tx.db, devices)
  await tx.work.enqueue(
    tx,
    serverCreateSaga,
    {
      serverId: id,
      networks: plan.networks,
      securityGroupIds: plan.securityGroupIds,
      hasVolumes: devices.some((row) => row.destination_type === 'volume'),
      volumes: Object.fromEntries(
        devices.flatMap(({ id: deviceId }, at) => {
          const volume = plan.disks.volumes[at]
          return volume ? [[deviceId, volume]] : []
        }),
      ),
      host: server.host,
      availabilityZone: server.availability_zone,
      buildLimit: await buildLimit(tx, server.host),
      anyHost: plan.host === null,
    },
    { resourceId: id },
  )
  return server
}

/** Without a host the server is in ERROR at once, with the scheduler's reason as its fault. */
const placeOf = async (tx: Context, decision: Decision): Promise<Partial<ServerRow>> =>
  decision.host === null
    ? { vm_state: 'error', task_state: null, fault: await faultOf(tx, decision.reason) }
    : { host: decision.host, node: decision.node, availability_zone: decision.availabilityZone }

function newRow(
  tx: Context,
  plan: Plan,
  { id, index, count, reservationId, bootFromVolume }: Place & { id: string; bootFromVolume: boolean },
): ServerRow {
  const { wanted, flavor, imageProperties } = plan
  const now = isoMillis(tx.clock.nowMs())
  const suffix = count > 1 ? `-${index + 1}` : ''
  const mandatoryDrive = imageProperties['img_config_drive'] === 'mandatory'
  const imageId = wanted.imageId !== '' && !bootFromVolume ? wanted.imageId : ''
  return {
    id,
    project_id: tx.projectId,
    user_id: tx.actor.userId,
    ...wanted.kept,
    name: `${wanted.name}${suffix}`,
    hostname: wanted.hostname ?? `${hostnameOf(wanted.name) || `server-${id}`}${suffix}`,
    vm_state: 'building',
    task_state: 'scheduling',
    power_state: power.none,
    progress: 0,
    image_id: imageId,
    root_image_id: imageId,
    image_properties: imageProperties,
    flavor_id: flavor.id,
    flavor: flavor,
    vcpus: flavor.vcpus,
    ram_mib: flavor.ramMib,
    host: null,
    node: null,
    availability_zone: null,
    pinned_az: plan.zone,
    key_name: plan.key?.name ?? null,
    key_data: plan.key?.data ?? null,
    personality: wanted.files.length > 0 ? wanted.files : null,
    config_drive: wanted.configDrive || mandatoryDrive,
    disk_config: diskConfig(wanted, imageProperties),
    hints: plan.hints,
    group_id: plan.groupId,
    locked_by: null,
    locked_reason: null,
    reservation_id: reservationId,
    launch_index: index,
    root_device: '/dev/vda',
    password: '',
    rescue_image_id: null,
    pending_image_id: null,
    shelved_image_id: null,
    before: null,
    fault: null,
    generation: 1,
    root_epoch: 1,
    created_at: now,
    updated_at: now,
    launched_at: null,
    terminated_at: null,
    deleted: false,
  }
}

/** The image may say that its disk must not be resized. */
function diskConfig(wanted: NewServer, properties: Record<string, string>): string {
  const ofImage = properties['auto_disk_config']
  if (/^disabled$/i.test(ofImage ?? '') && wanted.diskConfig === 'AUTO')
    throw badRequest(`Requested image ${wanted.imageId} has automatic disk resize disabled.`)
  return wanted.diskConfig ?? (/^(true|1|on|yes)$/i.test(ofImage ?? '') ? 'AUTO' : 'MANUAL')
}

/** A host name out of a server's name: RFC 1123, at most 63 characters. */
function hostnameOf(name: string): string {
  const ascii = [...name]
    .filter((character) => character.charCodeAt(0) < 256)
    .join('')
    .slice(0, 63)
  return ascii
    .replace(/[ _.]/g, '-')
    .replace(/[^\w.\-\u00c0-\u00ff]+/g, '')
    .toLowerCase()
    .replace(/^[.-]+|[.-]+$/g, '')
}

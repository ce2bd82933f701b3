// Servers' devices against the volumes' attachments: both sides must tell the same. The network's ports against the servers
// that have them. Nothing may rest half in or half out.
import { attachedPortsPage, type AttachedPort } from '../../network/index.ts'
import type { Context } from '../../platform/context.ts'
import type { Check, Finding } from '../../platform/fsck/check.ts'
import { pages } from '../../platform/fsck/pages.ts'
import { attachmentsByIds, attachmentsOwned, type OwnedAttachment } from '../../volume/index.ts'
import { attachmentsKnown, devicesPage, serversKnown } from '../servers/store/checks.ts'
import type { ServerDeviceRow } from '../servers/store/parts.ts'
import { attachmentRemoveRepair, deviceDropRepair, deviceTakeOutRepair, portLooseRepair, portTakeOutRepair } from './device-repairs.ts'

export const serverDevicesCheck: Check = { name: 'server-devices', invariant: 5, find: findDevices }
export const serverPortsCheck: Check = { name: 'server-ports', invariant: 4, find: findPorts }

type Known = Awaited<ReturnType<typeof serversKnown>>[number]

const living = async (ctx: Context, ids: Iterable<string>): Promise<Map<string, Known>> =>
  new Map((await serversKnown(ctx.db, ids)).filter(({ deleted }) => !deleted).map((row) => [row.id, row]))

async function* findDevices(ctx: Context): AsyncGenerator<Finding> {
  for await (const devices of pages(
    (after, limit) => devicesPage(ctx.db, after, limit),
    ({ id }) => id,
  )) {
    const facts = await ctx.transaction(async (tx) => ({
      servers: await living(
        tx,
        devices.map(({ server_id }) => server_id),
      ),
      attachments: await attachmentsByIds(
        tx,
        devices.flatMap(({ attachment_id }) => attachment_id ?? []),
      ),
    }))
    for (const device of devices) {
      const attachment = device.attachment_id === null ? undefined : facts.attachments.get(device.attachment_id)
      yield* deviceDifferences(device, facts.servers.get(device.server_id), attachment)
    }
  }
  for await (const attachments of pages(
    (after, limit) => attachmentsOwned(ctx, after, limit),
    ({ id }) => id,
  )) {
    const known = await attachmentsKnown(
      ctx.db,
      attachments.map(({ id }) => id),
    )
    for (const { id, volumeId, serverId } of attachments) {
      if (known.has(id)) continue
      const message = `its attachment ${id} is no device of the server ${serverId}`
      yield {
        resourceType: 'volume',
        resourceId: volumeId,
        concerns: serverId === null ? [] : [serverId],
        message,
        repair: attachmentRemoveRepair(id, volumeId),
      }
    }
  }
}

function* deviceDifferences(
  device: ServerDeviceRow,
  server: Known | undefined,
  attachment: OwnedAttachment | undefined,
): Generator<Finding> {
  const { volume_id: volumeId, server_id: serverId } = device
  if (volumeId === null) return
  const of = { resourceType: 'server', resourceId: serverId, concerns: [volumeId] }
  if (!server) yield { ...of, message: `it is gone, and the volume ${volumeId} is still its device`, repair: deviceDropRepair(device) }
  else if (!attachment)
    yield {
      ...of,
      message: `its device ${volumeId} is no attachment of that volume`,
      ...(device.boot_index === 0 ? {} : { repair: deviceDropRepair(device) }),
    }
  else if (attachment.volumeId !== volumeId || attachment.serverId !== serverId) {
    yield {
      ...of,
      message: `its device ${volumeId} names the attachment ${attachment.id}, which is of the volume ${attachment.volumeId} and the server ${attachment.serverId}`,
    }
  } else if (device.state !== 'attached') {
    yield {
      ...of,
      message: `its device ${volumeId} rests in ${device.state}, and nothing works on it`,
      ...(device.boot_index === 0 ? {} : { repair: deviceTakeOutRepair(device) }),
    }
  } else if (server.host !== null && server.vm_state !== 'error' && attachment.status !== 'attached') {
    yield {
      ...of,
      message: `its device ${volumeId} is attached, the attachment ${attachment.status}`,
      ...(device.boot_index === 0 ? {} : { repair: deviceTakeOutRepair(device) }),
    }
  }
}

async function* findPorts(ctx: Context): AsyncGenerator<Finding> {
  for await (const ports of pages(
    (after, limit) => attachedPortsPage(ctx, after, limit),
    ({ portId }) => portId,
  )) {
    const servers = await living(
      ctx,
      ports.map(({ serverId }) => serverId),
    )
    for (const port of ports) yield* portDifferences(port, servers.get(port.serverId))
  }
}

function* portDifferences(port: AttachedPort, server: Known | undefined): Generator<Finding> {
  const { portId, serverId, host } = port
  const of = { resourceType: 'server', resourceId: serverId, concerns: [portId] }
  if (!server) {
    const message = `it is a port of the server ${serverId}, which is gone`
    yield { resourceType: 'port', resourceId: portId, concerns: [serverId], message, repair: portLooseRepair(portId) }
  } else if (port.state !== 'attached')
    yield { ...of, message: `its port ${portId} rests in ${port.state}, and nothing works on it`, repair: portTakeOutRepair(port) }
  else if (server.host !== null && server.vm_state !== 'error' && host !== server.host)
    yield { ...of, message: `its port ${portId} is bound ${host === '' ? 'nowhere' : `on ${host}`}, the server is on ${server.host}` }
}

// The taps of guests. A tap is made closed (down, in no bridge); it is opened at once only when the rules of its
// port stand already, else by the pass that loads them: no packet of a guest ever meets a missing filter.
import type { GuestPort } from '../../../contract/guests.ts'
import { HostError } from '../../../contract/call.ts'
import type { Agents } from '../context.ts'
import { aliasOf, bridgeName, isMac, isSafeId, tapName } from '../names.ts'
import { noTapYet, stateOf, tapLost } from '../report.ts'
import { batch, run } from '../run.ts'
import { deviceNames } from './devices.ts'
import { readLinks } from './links.ts'

/** whom guests of earlier versions run as */
const nobody = 65_534

/** Whom a tap belongs to: without rights of its own nobody else may open it. */
export interface TapOwner {
  uid: number
  gid: number
}

/**
 * Makes the tap, closed; opens it at once when its port's filters already stand. A spec after `known` must name the port.
 * One that belongs to somebody else than `owner` is made anew: the kernel gives none away.
 */
export async function ensureTap(
  port: GuestPort,
  { known, owner }: { known: number; owner: TapOwner | undefined },
  { memory, registry, options }: Agents,
): Promise<string> {
  if (!isSafeId(port.portId) || !isMac(port.mac) || !Number.isInteger(port.mtuBytes))
    throw new HostError('failed', 'the port has no usable id, MAC or MTU')
  const name = tapName(port.portId)
  const alias = aliasOf(registry.instance)
  const isThere = deviceNames().has(name)
  const isForeign = isThere && owner !== undefined && !(await belongsTo(name, owner))
  const exists = isThere && !isForeign
  const spec = memory.spec?.ports.find((candidate) => candidate.id === port.portId)
  const network = memory.spec?.networks.find((candidate) => candidate.id === spec?.networkId)
  const lines: string[] = isForeign ? [`link del dev ${name}`] : []
  if (!exists) {
    const whose = owner ?? options.tapOwner
    lines.push(
      `tuntap add dev ${name} mode tap${whose ? ` user ${whose.uid} group ${whose.gid}` : ''}`,
      `link set dev ${name} alias ${alias}`,
      `link set dev ${name} mtu ${port.mtuBytes} addrgenmode none`,
    )
  }
  if (!spec) memory.unclaimed.set(name, known)
  else if (network && spec.adminStateUp && memory.present.has(bridgeName(network.id)) && memory.rules !== '') {
    lines.push(`link set dev ${name} mtu ${network.mtuBytes} master ${bridgeName(network.id)} up`)
  }
  const faults = await batch(lines)
  if (faults.size > 0) throw new HostError('failed', `the tap ${name} cannot be made: ${[...faults.values()].join('; ')}`)
  if (spec) memory.missing.delete(name)
  memory.lost.delete(name)
  if (spec?.adminStateUp) memory.present.add(name)
  if ([noTapYet, tapLost].includes(memory.report?.ports[port.portId]?.reason ?? '')) tell(memory, port.portId, null)
  return name
}

async function belongsTo(name: string, { uid }: TapOwner): Promise<boolean> {
  const [link] = JSON.parse(await run(['ip', '-j', '-d', 'link', 'show', 'dev', name])) as {
    linkinfo?: { info_data?: { user?: string | number } }
  }[]
  const user = link?.linkinfo?.info_data?.user
  return user === uid || (user === 'nobody' && uid === nobody) // `ip` says a name where there is one
}

export async function removeTap(portId: string, { memory, registry }: Agents): Promise<void> {
  if (!isSafeId(portId)) return
  const name = tapName(portId)
  memory.unclaimed.delete(name)
  memory.lost.delete(name)
  const link = (await readLinks()).get(name)
  if (!link) return
  if (link.alias !== null && link.alias !== aliasOf(registry.instance))
    throw new HostError('conflict', `${name} belongs to another cloud on this machine`)
  const faults = await batch([`link del dev ${name}`])
  if (faults.size > 0 && deviceNames().has(name))
    throw new HostError('failed', `the tap ${name} cannot be removed: ${[...faults.values()].join('; ')}`)
  memory.present.delete(name)
  if (memory.spec?.ports.some((port) => port.id === portId)) {
    memory.missing.add(name)
    tell(memory, portId, noTapYet)
  }
}

/** What the next report without a pass says of a port; reports that are out already stay as they are. */
function tell(memory: Agents['memory'], portId: string, reason: string | null): void {
  const { report } = memory
  if (report?.ports[portId]) memory.report = { ...report, ports: { ...report.ports, [portId]: stateOf(reason) } }
}

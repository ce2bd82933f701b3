// The taps of guests. A tap is made closed (down, in no bridge); it is opened at once only when the rules of its
// port stand already, else by the pass that loads them: no packet of a guest ever meets a missing filter.
import { type GuestPort, HostError } from '../../contract.ts'
import type { Agents } from '../context.ts'
import { aliasOf, bridgeName, isMac, isSafeId, tapName } from '../names.ts'
import { noTapYet, stateOf, tapLost } from '../report.ts'
import { batch } from '../run.ts'
import { deviceNames } from './devices.ts'
import { readLinks } from './links.ts'

/** Makes the tap, closed; opens it at once when its port's filters already stand. A spec after `known` must name the port. */
export async function ensureTap(port: GuestPort, known: number, { memory, registry, options }: Agents): Promise<string> {
  if (!isSafeId(port.portId) || !isMac(port.mac) || !Number.isInteger(port.mtuBytes))
    throw new HostError('failed', 'the port has no usable id, MAC or MTU')
  const name = tapName(port.portId)
  const alias = aliasOf(registry.instance)
  const exists = deviceNames().has(name)
  const spec = memory.spec?.ports.find((candidate) => candidate.id === port.portId)
  const network = memory.spec?.networks.find((candidate) => candidate.id === spec?.networkId)
  const lines: string[] = []
  if (!exists) {
    const owner = options.tapOwner ? ` user ${options.tapOwner.uid} group ${options.tapOwner.gid}` : ''
    lines.push(
      `tuntap add dev ${name} mode tap${owner}`,
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

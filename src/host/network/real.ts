// The real network of a host: Linux bridges, nftables, namespaces, dnsmasq. Calls run one after another, the newest
// spec wins, and an apply that finds nothing to do costs a digest and a few small reads of /proc.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { HostNetwork, HostNetworkReport, HostNetworkSpec, SegmentType } from '../../contract/network.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { fileJournal } from '../journal.ts'
import { type Agents, emptyMemory, type RealNetworkOptions } from './context.ts'
import { createDaemons } from './dhcp/dnsmasq.ts'
import { createDnsRelay } from './dns/relay.ts'
import { createResolvers } from './dns/resolvers.ts'
import { createGuard } from './guard.ts'
import { compareAll, listAll } from './inventory.ts'
import { deviceNames } from './l2/devices.ts'
import { ensureTap, removeTap } from './l2/taps.ts'
import { openTunDevice } from './l2/tun-device.ts'
import { createMetadataAgent } from './metadata/agent.ts'
import { tapName } from './names.ts'
import { namespaceExists } from './namespaces.ts'
import { pass } from './pass.ts'
import { assertNotLeft } from './port-left.ts'
import { createRegistry } from './registry.ts'
import { switchedOff } from './report.ts'
import { attempt } from './run.ts'
import { usableSegmentTypes } from './segments/index.ts'

export interface RealNetwork extends HostNetwork {
  /** eight hex digits, part of the name of everything of this cloud here */
  instance: string
  /** stops listening; devices, namespaces and daemons go on without us */
  close(): Promise<void>
  /** takes away everything that is ours on this machine */
  removeAll(): Promise<void>
  /** the segment types that this machine can make */
  segmentTypes(): Promise<SegmentType[]>
  /** forgets what it believes: the next apply looks at everything */
  verify(): void
}

/** A directory of the machine that others pass through, whatever the umask; one that is there already is left as it is. */
function openToAll(folder: string): void {
  if (existsSync(folder) || process.getuid?.() !== 0) return
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755)
}

/** An apply with nothing to do looks at everything all the same when the last full look is older than this. */
const fullLookMs = 60_000
const runRoot = '/run/stackling'

export function createRealNetwork(options: RealNetworkOptions): RealNetwork {
  if (process.getuid?.() === 0) openTunDevice()
  const directory = join(options.dataDir, 'network')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const journal = fileJournal(join(directory, 'journal'))
  const registry = createRegistry(journal, options.dataDir)
  const runDir = options.runDir ?? join(runRoot, registry.instance)
  for (const folder of [runRoot, '/run/netns']) openToAll(folder)
  const running = new Set<Promise<void>>()
  const segments = {
    bridgeMappings: options.bridgeMappings ?? {},
    tunnelAddress: options.tunnelAddress ?? null,
    vxlanPort: options.vxlanPort ?? 4789,
  }
  const agents: Agents = {
    options: { ...options, segments },
    registry,
    daemons: createDaemons(runDir),
    metadata: createMetadataAgent(options.metadata, options.log),
    dns: createDnsRelay(createResolvers(options.resolvConf ?? '/etc/resolv.conf'), options.clock),
    runDir,
    log: options.log,
    memory: emptyMemory(),
    background(work) {
      const kept = work
        .catch((error: unknown) => options.log.warn({ error: String(error) }, 'background work failed'))
        .finally(() => running.delete(kept))
      running.add(kept)
    },
  }
  const { memory } = agents
  const inTurn = createTurns()
  let newest: { spec: HostNetworkSpec; serial: number } | null = null
  let serial = 0
  let covered: { serial: number; result: Promise<HostNetworkReport> } | null = null

  const applyNewest = async (spec: HostNetworkSpec): Promise<HostNetworkReport> => {
    const digest = digestOf(spec)
    const nowMs = options.clock.nowMs()
    const deep = nowMs - memory.passedAtMs >= fullLookMs || memory.report === null
    if (!deep && memory.report !== null && digest === memory.digest && memory.unclaimed.size === 0 && isIntact(agents)) {
      return { ...memory.report, generation: spec.generation }
    }
    memory.digest = ''
    await requireBridgeFilter()
    const report = await pass(spec, agents, deep)
    memory.report = report
    if (isSettled(report)) memory.digest = digest
    if (deep) memory.passedAtMs = nowMs
    return report
  }

  const guard = createGuard(options.clock, () => inTurn(async () => memory.report === null || isIntact(agents)))

  const network: RealNetwork = {
    instance: registry.instance,
    apply(spec: HostNetworkSpec, call: Call) {
      if (call.fence < registry.fence())
        return Promise.reject(new HostError('stale_fence', `the network was given fence ${registry.fence()}, this is ${call.fence}`))
      registry.setFence(call.fence)
      serial += 1
      if (newest === null || spec.generation >= newest.spec.generation) newest = { spec, serial }
      const mine = serial
      const wanted = { ...newest, serial: mine }
      return inTurn(() => {
        call.signal?.throwIfAborted()
        if (covered !== null && covered.serial >= mine) return covered.result
        const latest = newest ?? wanted
        const result = applyNewest(latest.spec)
        covered = { serial, result }
        return result
      })
    },
    again: () => inTurn(async () => (newest === null ? null : applyNewest(newest.spec))),
    ensureTap: (port, generation, owner) =>
      inTurn(async () => {
        const known = generation ?? newest?.spec.generation ?? 0
        assertNotLeft(port.portId, newest?.spec ?? null, known)
        const wasLost = memory.lost.has(tapName(port.portId))
        const name = await ensureTap(port, { known, owner }, agents)
        if (wasLost) guard.changed() // it was reported as gone
        return name
      }),
    removeTap: (portId) => inTurn(() => removeTap(portId, agents)),
    list: () => inTurn(() => listAll(agents)),
    compare: (spec) =>
      inTurn(async () => {
        const found = await compareAll(spec, agents)
        // the next apply must not believe that all is as it left it
        if (found.length > 0) network.verify()
        return found
      }),
    watch: (onChange) => guard.watch(onChange),
    segmentTypes: () => usableSegmentTypes(segments),
    verify: () => {
      memory.digest = ''
      memory.passedAtMs = 0
      memory.namespaces.clear()
    },
    removeAll: () =>
      inTurn(async () => {
        memory.unclaimed.clear()
        memory.digest = ''
        newest = null
        await pass({ generation: 0, networks: [], ports: [], securityGroups: [], dhcp: [], routers: [] }, agents, true)
        await Promise.all(running)
        Object.assign(memory, emptyMemory())
        rmSync(runDir, { recursive: true, force: true })
        removeEmpty(runRoot)
      }),
    async close() {
      guard.close()
      await inTurn(() => Promise.resolve())
      await Promise.all(running)
      agents.metadata.close()
      agents.dns.close()
      journal.close()
    },
  }
  return network
}

/** One after another, each to its end; a failure is its caller's and does not stop the next. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}

const digestOf = (spec: HostNetworkSpec) =>
  createHash('sha1')
    .update(JSON.stringify({ ...spec, generation: 0 }))
    .digest('base64')

/** Whether a report says that nothing is left to try: a tap that is not there yet is not our work. */
function isSettled(report: HostNetworkReport): boolean {
  return [...Object.values(report.routers), ...Object.values(report.dhcp)].every(
    (entry) => entry.state === 'up' || entry.reason === switchedOff,
  )
}

/** The cheap look: devices by name, namespaces by their file, daemons by their command line. About 0.3 ms for 100 ports. */
function isIntact({ memory, daemons, metadata }: Agents): boolean {
  const devices = deviceNames()
  for (const name of memory.present) if (!devices.has(name)) return false
  for (const name of memory.missing) if (devices.has(name)) return false
  for (const [name] of memory.namespaces) if (!namespaceExists(name)) return false
  for (const name of memory.daemonsWanted) if (daemons.pid(name) === null) return false
  for (const name of memory.listening) if (!metadata.listens(name)) return false
  return true
}

/** Security groups need bridged packets to pass the IP hooks. */
async function requireBridgeFilter(): Promise<void> {
  if (existsSync('/proc/sys/net/bridge')) return
  await attempt(['modprobe', 'br_netfilter'])
  if (!existsSync('/proc/sys/net/bridge'))
    throw new HostError('unsupported', 'this kernel has no br_netfilter: security groups cannot be enforced')
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

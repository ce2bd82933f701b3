// The fake network: believes every spec, wires nothing, and remembers it, over a restart too when the world's journal
// is a file. It tells what a host that did it would hold, so that fsck and clean-slate checks have something to read.
import type { HostNetwork, HostNetworkReport, HostNetworkSpec } from '../../contract/network.ts'
import type { Call } from '../../contract/call.ts'
import type { FakeWorld } from '../fake-world.ts'
import { compareNetwork } from './compare.ts'
import { wantedLinks } from './l2/wanted.ts'
import { dhcpNamespace, routerNamespace, tapName } from './names.ts'
import { assertNotLeft } from './port-left.ts'
import { reportOf } from './report.ts'
import { saneSpec } from './sanity.ts'
import { table } from '../../platform/table.ts'

export interface FakeNetworkOptions {
  world: FakeWorld
  /** what befalls the next calls: operation ('apply', 'tap') → a fate as in fate.ts */
  fate?: () => Record<string, string>
}

export interface FakeNetwork extends HostNetwork {
  /** the spec that stands */
  spec(): HostNetworkSpec | null
  removeAll(): Promise<void>
  close(): Promise<void>
}

const specKey = 'network/spec'
/** tap name → the generation after which a spec must name its port; null: one does */
const tapsKey = 'network/taps'
const segments = { bridgeMappings: {}, tunnelAddress: null, vxlanPort: 4789 }
/** The fake makes all segment types. */
const asLocal = (spec: HostNetworkSpec) => ({ ...spec, networks: spec.networks.map((network) => ({ ...network, type: 'local' as const })) })

export function createFakeNetwork({ world, fate }: FakeNetworkOptions): FakeNetwork {
  const { journal } = world
  let standing: HostNetworkSpec | null | undefined
  const spec = () => (standing === undefined ? (standing = journal.get<HostNetworkSpec>(specKey) ?? null) : standing)
  const setSpec = (next: HostNetworkSpec | undefined) => {
    journal.put(specKey, next)
    standing = next ?? null
  }
  const taps = () => journal.get<Record<string, number | null>>(tapsKey) ?? {}
  const luck = () => fate?.() ?? {}
  const quiet: Call = { fence: 0, requestId: '' }

  /** the last one, when another pass over the same spec would change nothing */
  let settled: { asked: HostNetworkSpec; report: HostNetworkReport } | null = null
  const setTaps = (next: Record<string, number | null>) => {
    settled = null
    journal.put(tapsKey, next)
  }

  const accept = (asked: HostNetworkSpec): HostNetworkReport => {
    if (settled?.asked === asked) return settled.report
    const before = spec()
    const newest = before !== null && before.generation > asked.generation ? before : asked
    const clean = saneSpec(newest)
    const wanted = wantedLinks(asLocal(clean.spec), segments)
    const named = new Set(clean.spec.ports.map((port) => tapName(port.id)))
    const kept: Record<string, number | null> = table()
    for (const [tap, known] of Object.entries(taps())) {
      if (named.has(tap)) kept[tap] = null
      else if (known !== null && newest.generation <= known) kept[tap] = known
    }
    setSpec(newest)
    setTaps(kept)
    const missing = new Set([...named].filter((tap) => kept[tap] === undefined))
    const report = reportOf(newest, { wanted, missing, broken: new Map(), faults: clean.faults })
    if (newest === asked && Object.values(kept).every((known) => known === null)) settled = { asked, report }
    return report
  }
  const network: FakeNetwork = {
    spec,
    apply: (asked, call) =>
      world.gate.enter('network', call, () =>
        world.under({ resource: 'network', operation: 'apply', fate: luck(), call }, () => accept(asked)),
      ),
    again: () =>
      world.gate.read('network', () =>
        world.under({ resource: 'network', operation: 'apply', fate: luck(), call: quiet }, () => {
          const standing = spec()
          return settled?.report ?? (standing === null ? null : accept(standing))
        }),
      ),
    ensureTap: (port, generation) =>
      world.under({ resource: `port/${port.portId}`, operation: 'tap', fate: luck(), call: quiet }, () => {
        const name = tapName(port.portId)
        const known = generation ?? spec()?.generation ?? 0
        assertNotLeft(port.portId, spec(), known)
        const isNamed = spec()?.ports.some((candidate) => candidate.id === port.portId)
        setTaps({ ...taps(), [name]: isNamed ? null : known })
        return name
      }),
    async removeTap(portId) {
      world.reach()
      const { [tapName(portId)]: _gone, ...rest } = taps()
      setTaps(rest)
    },
    async list() {
      world.reach()
      const now = spec()
      const clean = now === null ? null : saneSpec(now).spec
      const wanted = clean === null ? null : wantedLinks(asLocal(clean), segments)
      const made = wanted?.slaves.filter((slave) => slave.make !== null).map((slave) => slave.name) ?? []
      const routers = clean?.routers.filter((router) => router.adminStateUp) ?? []
      return {
        bridges: wanted?.bridges.map((bridge) => bridge.name) ?? [],
        taps: [...Object.keys(taps()), ...made],
        namespaces: [
          ...(clean?.dhcp ?? []).map((dhcp) => dhcpNamespace(dhcp.networkId)),
          ...routers.map((router) => routerNamespace(router.id)),
        ],
        processes: [],
        tables: (clean?.networks.length ?? 0) > 0 ? ['bridge fake', 'inet fake'] : [],
      }
    },
    async compare(asked) {
      const { spec: sane } = saneSpec(asked)
      const waiting = Object.entries(taps()).flatMap(([tap, known]) => (known === null ? [] : [tap]))
      return compareNetwork(
        { spec: sane, links: wantedLinks(asLocal(sane), segments), waiting },
        { ...(await network.list()), daemons: null },
      )
    },
    watch: () => () => undefined,
    async removeAll() {
      settled = null
      setSpec(undefined)
      journal.put(tapsKey, undefined)
    },
    close: () => Promise.resolve(),
  }
  return network
}

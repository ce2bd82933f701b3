// What a seed means: who asks for what and when, what goes wrong and when, and how foul the weather is. All of it is
// drawn before the run begins, each item with a stream of its own, so that a failure can be told with fewer of them.
import { between, chance, pick, stream, weighted, whole, type Random } from './random.ts'
import { calm, echoes, foul, mild, type Climate } from './weather.ts'
import { operationKinds, type OperationKind } from './operations.ts'
import { objectKinds } from './operations-objects.ts'
import type { Fates } from './operation.ts'

export interface PlanOptions {
  seed: number
  hosts: number
  hours: number
  operations: number
  /** asked for beside the operations, at once in the first minutes, and by as many more tenants */
  servers: number
  /** what is asked of object storage, beside the operations: drawn by themselves, they leave the rest of a seed as it is */
  objects: number
  /** more of one kind of trouble than a seed would draw */
  stress?: Stress | undefined
}

/** Messages that come again, late, to what is fated to fail; two processes, which stop in the midst of slow work; servers and volumes that are fated to fail, and volumes that come and go. */
export const stresses = {
  echoes: { climate: echoes, fates: { share: 0.6 } },
  processes: { controls: 2, fates: { share: 0.8, of: 'spawn":"slow' }, troubles: ['control stops'] },
  fates: { fates: { share: 0.8 } },
  volumes: { fates: { share: 0.8, of: 'fake:volume' }, often: ['attach volume', 'attach volume', 'detach volume', 'extend volume'] },
} satisfies Record<string, Partial<Drawn>>
export type Stress = keyof typeof stresses

export interface Asked {
  what: 'ask'
  atMs: number
  kind: OperationKind
  tenant: string
  /** of the stream that it draws from */
  name: string
}

export type FaultKind =
  | 'control dies'
  | 'control stops'
  | 'host dies'
  | 'host is cut off'
  | 'agent restarts'
  | 'disk is full'
  | 'clock jumps'
  | 'guest crashes'
  | 'guest shuts down'

export interface Fault {
  what: 'fault'
  atMs: number
  kind: FaultKind
  forMs: number
  name: string
}

export type PlanItem = Asked | Fault

interface Drawn {
  controls: number
  climate: Climate
  fates: Fates
  /** a part of the operations are of these */
  often: OperationKind[]
  /** and of the faults */
  troubles: FaultKind[]
}

export interface Plan extends PlanOptions, Drawn {
  items: PlanItem[]
}

export const tenants = ['red', 'green', 'blue', 'gold']
const serversOfTenant = 10
/** Those that ask for so many servers. */
export const crowd = (servers: number): string[] =>
  Array.from({ length: Math.ceil(servers / serversOfTenant) }, (_, index) => `crowd${index}`)
const crowdedMs = 600_000
const hourMs = 3_600_000
const longestOutageMs = 300_000
const usualFates = 0.2
/** so many operations, of which each that is asked for often is one */
const oneOf = 10
/** and faults */
const twoOf = 2

export function planOf(options: PlanOptions): Plan {
  const { seed, hours, operations } = options
  const random = stream(seed, 'plan')
  const climate = weighted<Climate>(random, [
    [1, calm],
    [3, mild],
    [2, foul],
  ])
  const drawn: Drawn = {
    climate,
    often: [],
    troubles: [],
    controls: chance(random, 0.35) ? 2 : 1,
    fates: { share: usualFates },
    ...(options.stress ? stresses[options.stress] : {}),
  }
  const spanMs = hours * hourMs
  const oftenOr = (kind: OperationKind, index: number) => drawn.often[index % oneOf] ?? kind
  const troubleOr = (kind: FaultKind, index: number) => drawn.troubles[index % twoOf] ?? kind
  const items: PlanItem[] = []
  for (let index = 0; index < operations; index++) {
    const tenant = pick(random, tenants)
    items.push({
      what: 'ask',
      atMs: between(random, 0, spanMs),
      kind: oftenOr(weighted(random, operationKinds), index),
      tenant,
      name: `ask${index}`,
    })
  }
  for (const [index, tenant] of crowd(options.servers).entries()) {
    for (let made = index * serversOfTenant; made < Math.min((index + 1) * serversOfTenant, options.servers); made++) {
      items.push({ what: 'ask', atMs: between(random, 0, crowdedMs), kind: 'boot server', tenant, name: `boot${made}` })
    }
  }
  const ofObjects = stream(seed, 'objects')
  for (let index = 0; index < options.objects; index++) {
    items.push({
      what: 'ask',
      atMs: between(ofObjects, 0, spanMs),
      kind: weighted<OperationKind>(ofObjects, objectKinds),
      tenant: pick(ofObjects, tenants),
      name: `object${index}`,
    })
  }
  const faults = Math.round((operations / 200) * (4 + whole(random, 16)))
  for (let index = 0; index < faults; index++) {
    items.push({
      what: 'fault',
      atMs: between(random, 0, spanMs),
      kind: troubleOr(weighted(random, faultKinds(drawn.controls)), index),
      forMs: outageMs(random),
      name: `fault${index}`,
    })
  }
  return { ...options, ...drawn, items: items.sort((a, b) => a.atMs - b.atMs) }
}

/** Mostly moments, sometimes minutes. */
const outageMs = (random: Random) => longestOutageMs * random() ** 3

const faultKinds = (controls: number): (readonly [number, FaultKind])[] => [
  [6, 'control dies'],
  [controls > 1 ? 4 : 1, 'control stops'],
  [2, 'host dies'],
  [3, 'host is cut off'],
  [2, 'agent restarts'],
  [1, 'disk is full'],
  [1, 'clock jumps'],
  [2, 'guest crashes'],
  [1, 'guest shuts down'],
]

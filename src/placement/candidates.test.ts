// Properties of the candidates: what the scheduler finds, what the API finds, and what a claim allows agree.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fits } from './capacity.ts'
import { searchCandidates } from './candidate-search.ts'
import type { Group, WholeRequest } from './candidate-request.ts'
import { product } from './allocation-request.ts'
import { snapshotOf, type Provider } from './snapshot.ts'
import type { InventoryUsage } from './store/inventories.ts'

const classes = ['VCPU', 'MEMORY_MB', 'DISK_GB']

const inventory = (provider_id: string, resource_class: string) =>
  fc
    .record({
      total: fc.integer({ min: 1, max: 40 }),
      reserved: fc.integer({ min: 0, max: 5 }),
      ratio: fc.constantFrom(0.5, 1, 1.5, 4),
      step: fc.integer({ min: 1, max: 3 }),
      used: fc.integer({ min: 0, max: 30 }),
    })
    .map(({ total, reserved, ratio, step, used }): InventoryUsage => ({
      provider_id,
      resource_class,
      total,
      reserved,
      min_unit: step,
      max_unit: total,
      step_size: step,
      allocation_ratio: ratio,
      updated_at: '',
      used,
    }))

const flat = (count: number) =>
  fc
    .tuple(...Array.from({ length: count }, (_, index) => fc.tuple(...classes.map((name) => inventory(`rp${index}`, name)))))
    .map((hosts) => hosts.flat())

const wanted = fc.record({
  VCPU: fc.integer({ min: 1, max: 12 }),
  MEMORY_MB: fc.integer({ min: 1, max: 12 }),
  DISK_GB: fc.integer({ min: 1, max: 12 }),
})

const provider = (id: string, parent: string | null = null, root = id): Provider => ({
  row: { id, name: id, generation: 0, parent_id: parent, root_id: root, created_at: '', updated_at: '' },
  inventories: new Map(),
  traits: [],
  aggregates: [],
})

const ask = (...groups: [suffix: string, resources: Record<string, number>][]): WholeRequest => ({
  groups: groups.map(([suffix, resources]) => ({
    suffix,
    resources,
    required: [],
    forbidden: [],
    memberOf: [],
    forbiddenAggregates: [],
    inTree: null,
  })),
  limit: undefined,
  isolate: false,
  rootRequired: [],
  rootForbidden: [],
  sameSubtrees: [],
})

test('without trees, the candidates are exactly the providers that have room for everything', () => {
  fc.assert(
    fc.property(flat(4), wanted, (usages, resources) => {
      const snapshot = snapshotOf(
        ['rp0', 'rp1', 'rp2', 'rp3'].map((id) => provider(id)),
        usages,
      )
      const found = searchCandidates(snapshot, ask(['', resources])).map(({ allocations }) => [...allocations.keys()].join())
      const expected = ['rp0', 'rp1', 'rp2', 'rp3'].filter((id) =>
        Object.entries(resources).every(([name, amount]) =>
          usages.some((usage) => usage.provider_id === id && usage.resource_class === name && fits(usage, amount)),
        ),
      )
      assert.deepEqual(found.sort(), expected)
    }),
  )
})

test('in trees, every candidate asks for exactly what was wanted, stays in one tree and exceeds no inventory', () => {
  fc.assert(
    fc.property(flat(4), wanted, wanted, (usages, unsuffixed, granular) => {
      const list = [provider('rp0'), provider('rp1', 'rp0', 'rp0'), provider('rp2', 'rp1', 'rp0'), provider('rp3')]
      const snapshot = snapshotOf(list, usages)
      for (const { allocations, mappings } of searchCandidates(snapshot, ask(['', unsuffixed], ['1', { VCPU: granular.VCPU }]))) {
        const sums: Record<string, number> = {}
        for (const [id, resources] of allocations) {
          for (const [name, amount] of resources) {
            sums[name] = (sums[name] ?? 0) + amount
            const usage = usages.find((candidate) => candidate.provider_id === id && candidate.resource_class === name)
            assert.ok(usage && usage.used + amount <= (usage.total - usage.reserved) * usage.allocation_ratio && amount <= usage.max_unit)
          }
        }
        assert.deepEqual(sums, { ...unsuffixed, VCPU: unsuffixed.VCPU + granular.VCPU })
        assert.equal(new Set([...allocations.keys()].map((id) => snapshot.providers.get(id)?.row.root_id)).size, 1)
        assert.equal(mappings.get('1')?.size, 1)
      }
    }),
  )
})

/** Two trees and a provider that shares, all like each other but for what is drawn. */
const world = fc.record({
  usages: flat(5),
  traits: fc.array(fc.subarray(['T1', 'T2']), { minLength: 5, maxLength: 5 }),
  aggregates: fc.array(fc.subarray(['a', 'b']), { minLength: 5, maxLength: 5 }),
})
const shape = [
  ['rp0', null, 'rp0'],
  ['rp1', 'rp0', 'rp0'],
  ['rp2', 'rp1', 'rp0'],
  ['rp3', null, 'rp3'],
  ['rp4', null, 'rp4'],
] as const
const group: fc.Arbitrary<Group> = fc.record({
  suffix: fc.constantFrom('', '1'),
  resources: fc
    .subarray(classes, { minLength: 1 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fc.integer({ min: 1, max: 12 })])))),
  required: fc.constantFrom<string[][][]>([], [['T1']], [['T1', 'T2']], [['T1'], ['T2']]),
  forbidden: fc.constantFrom<string[][]>([], ['T2']),
  memberOf: fc.constantFrom<string[][][]>([], [['a']], [['a', 'b']], [['a'], ['b']]),
  forbiddenAggregates: fc.constantFrom<string[][]>([], ['b']),
  inTree: fc.constantFrom(null, null, 'rp1', 'rp4'),
})

test('of trees, traits, aggregates and sharing, the candidates are all choices that placement’s rules allow, and no others', () => {
  fc.assert(
    fc.property(world, group, ({ usages, traits, aggregates }, asked) => {
      const list = shape.map(([id, parent, root], index) => ({
        ...provider(id, parent, root),
        traits: [...(traits[index] ?? []), ...(id === 'rp4' ? ['MISC_SHARES_VIA_AGGREGATE'] : [])],
        aggregates: aggregates[index] ?? [],
      }))
      const rootOf = ({ row }: Provider) => row.root_id
      const isMember = ({ aggregates: own }: Provider) => asked.memberOf.every((any) => any.some((id) => own.includes(id)))
      const isBarred = ({ aggregates: own }: Provider) => asked.forbiddenAggregates.some((id) => own.includes(id))
      const has = (own: Provider[], any: string[]) => any.some((trait) => own.some((one) => one.traits.includes(trait)))
      const roomAt = (one: Provider, name: string) =>
        usages.some((usage) => usage.provider_id === one.row.id && usage.resource_class === name && fits(usage, asked.resources[name] ?? 0))
      const shares = (one: Provider, root: string) =>
        one.row.id === 'rp4' && list.some((other) => rootOf(other) === root && other.aggregates.some((id) => one.aggregates.includes(id)))
      const names = Object.keys(asked.resources)
      const expected = new Set<string>()
      for (const root of list.filter(({ row }) => row.parent_id === null)) {
        const able = list.filter(
          (one) =>
            (rootOf(one) === root.row.id || shares(one, root.row.id)) &&
            (asked.inTree === null || rootOf(one) === (asked.inTree === 'rp4' ? 'rp4' : 'rp0')),
        )
        const choices =
          asked.suffix === ''
            ? product(names.map((name) => able.filter((one) => roomAt(one, name))))
            : able.filter((one) => names.every((name) => roomAt(one, name))).map((one) => names.map(() => one))
        for (const chosen of choices) {
          // an aggregate of the root spans its tree, for what is not asked for by itself
          const fine = chosen.every((one) => {
            const above = asked.suffix === '' && rootOf(one) === root.row.id ? [one, root] : [one]
            const barredBy = asked.suffix === '' ? [one, root] : [one]
            return above.some(isMember) && !barredBy.some(isBarred) && !has([one], asked.forbidden)
          })
          if (fine && asked.required.every((any) => has(chosen, any)))
            expected.add(JSON.stringify(names.map((name, index) => [name, chosen[index]?.row.id])))
        }
      }
      const found = searchCandidates(snapshotOf(list, usages), { ...ask(), groups: [asked] }).map(({ allocations }) =>
        JSON.stringify(names.map((name) => [name, [...allocations].find(([, resources]) => resources.has(name))?.[0]])),
      )
      assert.deepEqual([...new Set(found)].sort(), [...expected].sort())
    }),
    { numRuns: 500 },
  )
})

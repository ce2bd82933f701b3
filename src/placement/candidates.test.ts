// Properties of the candidates: what the scheduler finds, what the API finds, and what a claim allows agree.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fits } from './capacity.ts'
import { searchCandidates } from './candidate-search.ts'
import type { WholeRequest } from './candidate-request.ts'
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

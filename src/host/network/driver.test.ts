// Small pure parts of the driver: its numbers, its door, and how it reads a batch's complaints.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryJournal } from '../journal.ts'
import { idOf, network, port, router, routerPort, spec } from '../../../test/support/network-lab/specs.ts'
import { createRegistry } from './registry.ts'
import { batchFaults } from './run.ts'
import { saneSpec } from './sanity.ts'

test('numbers stay with what they were given to, over a restart, and return when it goes', () => {
  const journal = memoryJournal()
  const first = createRegistry(journal, '/a')
  const [zone, one, two] = [first.zone('n'), first.mark('p1'), first.mark('p2')]
  assert.deepEqual([one, two], [1, 2])
  const second = createRegistry(journal, '/moved')
  assert.equal(second.instance, first.instance, 'the mark stays when the data directory moves')
  assert.deepEqual([second.zone('n'), second.mark('p2'), second.mark('p3')], [zone, 2, 3])
  assert.deepEqual(second.keep(new Set(), new Set(['p2'])), [zone])
  assert.equal(second.mark('p4'), 1)
  assert.notEqual(createRegistry(memoryJournal(), '/b').instance, first.instance)
})

test("a batch's complaints belong to their lines", () => {
  const stderr = 'RTNETLINK answers: File exists\nCommand failed -:2\nCannot find device "x"\nCommand failed -:5\n'
  assert.deepEqual(
    [...batchFaults(stderr)],
    [
      [1, 'RTNETLINK answers: File exists'],
      [4, 'Cannot find device "x"'],
    ],
  )
  assert.deepEqual([...batchFaults('')], [])
  assert.deepEqual([...batchFaults('killed\n')], [[-1, 'killed']])
})

test('what would become part of a command or rule is left out and named', () => {
  const bad = { mac: 'fa:16:3e:00:00:01; reboot' }
  const { spec: clean, faults } = saneSpec(
    spec({
      networks: [network('n'), { ...network('m'), id: '../../etc' }, network('o', { mtuBytes: 1450.5 })],
      ports: [
        port('a', 'n'),
        port('b', 'n', bad),
        { ...port('c', 'n'), id: 'x" drop' },
        port('d', 'n', { allowedAddressPairs: [{ ip: 'any', mac: '' }] }),
        port('e', 'm'),
      ],
      securityGroups: [{ id: 'g { }', rules: [] }],
      routers: [router('r', { interfaces: [routerPort('i', 'n', ['10.0.0.1/24\nlink del lo'])] })],
    }),
  )
  assert.deepEqual(
    clean.networks.map((entry) => entry.id),
    [idOf('n')],
  )
  assert.deepEqual(
    clean.ports.map((entry) => entry.id),
    [idOf('a')],
  )
  assert.deepEqual([clean.securityGroups, clean.routers], [[], []])
  assert.equal(faults.size, 5)
})

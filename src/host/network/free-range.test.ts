import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { freeRange, routedRanges } from './free-range.ts'

test('the kernel’s table of routes is read; the default route takes no range', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'brq1\t000418AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'tun0\t0000100A\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0',
    '',
  ].join('\n')
  assert.deepEqual(routedRanges(table), ['172.24.4.0/24', '10.16.0.0/12'])
})

test('a range in which this machine has an address is not free, larger and smaller ones neither', () => {
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ family }) => family === 'IPv4')
  assert.ok(own, 'no address here at all')
  const [first = '', second = '', third = ''] = own.address.split('.')
  const free = '198.51.100.0/24' // nobody's, by RFC 5737
  for (const taken of [`${own.address}/32`, `${first}.${second}.${third}.0/24`, `${first}.0.0.0/8`])
    assert.equal(freeRange([taken, free]), free, taken)
  assert.equal(freeRange([`${own.address}/32`]), undefined)
})

// Addresses and prefixes: spelling, containment, reduction.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, canonical, cidrOf, inCidr, linkLocal, netmask, parsePrefix, reduce, spelled } from './addresses.ts'

test('addresses and prefixes come out in one spelling', () => {
  assert.equal(canonical('10.0.0.5/24'), '10.0.0.0/24')
  assert.equal(canonical('10.0.0.5'), '10.0.0.5')
  assert.equal(canonical('2001:DB8:0:0::5/64'), '2001:db8::/64')
  assert.equal(cidrOf('10.0.0.5'), '10.0.0.5/32')
  assert.equal(addressOf('2001:db8::0005/64'), '2001:db8::5')
  assert.equal(spelled('fd00:0::1'), 'fd00::1/128')
  assert.equal(netmask(20), '255.255.240.0')
  assert.equal(netmask(0), '0.0.0.0')
})

test('what is no address is none', () => {
  for (const text of ['', 'x', '10.0.0', '10.0.0.0/33', '10.0.0.1 accept', 'fe80::1%eth0', '::g', '10.0.0.1\n', '1.2.3.4"']) {
    assert.equal(parsePrefix(text), null, JSON.stringify(text))
  }
  assert.throws(() => canonical('no'), TypeError)
})

test('containment knows families and borders', () => {
  assert.equal(inCidr('10.0.0.255', '10.0.0.0/24'), true)
  assert.equal(inCidr('10.0.1.0', '10.0.0.0/24'), false)
  assert.equal(inCidr('::1', '0.0.0.0/0'), false)
  assert.equal(inCidr('2001:db8::1', '2001:db8::/32'), true)
})

test('a list is reduced to prefixes that do not overlap', () => {
  const list = ['10.0.0.7', '10.0.0.0/24', '10.0.0.0/24', '10.0.1.9/32', '::1', '192.0.2.0/25', '192.0.2.128/25']
  assert.deepEqual(reduce(list, 4), ['10.0.0.0/24', '10.0.1.9', '192.0.2.0/25', '192.0.2.128/25'])
  assert.deepEqual(reduce(['10.0.0.1', '0.0.0.0/0'], 4), ['0.0.0.0/0'])
  assert.deepEqual(reduce(['fe80::1', 'fe80::/10', '2001:db8::2'], 6), ['2001:db8::2', 'fe80::/10'])
})

test('a MAC makes its link-local address', () => {
  assert.equal(linkLocal('fa:16:3e:01:02:03'), 'fe80::f816:3eff:fe01:203')
})

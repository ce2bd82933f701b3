import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Microversion, negotiate, type MicroversionRange } from './microversion.ts'

const compute: MicroversionRange = { min: '2.1', max: '2.96', service: 'compute', legacyHeader: 'x-openstack-nova-api-version' }
const asked = (headers: Record<string, string>) => String(negotiate(compute, headers))

test('minor versions compare as numbers', () => {
  assert.ok(Microversion.of('2.10').atLeast('2.9'))
  assert.ok(!Microversion.of('2.9').atLeast('2.10'))
})

test('silence means the minimum, latest the maximum, another service’s header nothing', () => {
  assert.equal(asked({}), '2.1')
  assert.equal(asked({ 'openstack-api-version': 'compute latest' }), '2.96')
  assert.equal(asked({ 'openstack-api-version': 'volume 3.70' }), '2.1')
  assert.equal(asked({ 'openstack-api-version': 'volume 3.70, compute 2.47' }), '2.47')
  assert.equal(asked({ 'x-openstack-nova-api-version': '2.5' }), '2.5')
})

test('what cannot be served is 406, what cannot be read 400', () => {
  assert.throws(() => asked({ 'openstack-api-version': 'compute 2.97' }), { status: 406 })
  assert.throws(() => asked({ 'openstack-api-version': 'compute 1.1' }), { status: 406 })
  assert.throws(() => asked({ 'openstack-api-version': 'compute 2.x' }), { status: 400 })
  assert.throws(() => asked({ 'openstack-api-version': 'compute 02.1' }), { status: 400 })
})

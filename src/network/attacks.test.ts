// The attacks of the list that go through fields which name something of the backend, each by its number.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fakeHosts, startTestCloud, type TestCloud } from '../../test/support/cloud.ts'

let cloud: TestCloud
before(async () => void (cloud = await startTestCloud({ hosts: await fakeHosts(1) })))
after(() => cloud.stop())

const ask = (method: string, url: string, body: unknown) => cloud.request(method, `/network/v2.0${url}`, { as: 'member@p1', body })

test('attack-29: a member names no segment, bridge, host or device of the backend, when making or later', async () => {
  const made = await ask('POST', '/networks', { network: { name: 'mine' } })
  const network = made.body.network.id as string
  assert.equal(made.body.network['provider:physical_network'], undefined)
  const port = (await ask('POST', '/ports', { port: { network_id: network } })).body.port.id as string
  const ofNetworks = [
    { 'provider:network_type': 'flat', 'provider:physical_network': 'public' },
    { 'provider:segmentation_id': 1 },
    { 'router:external': true },
  ]
  for (const field of ofNetworks) {
    assert.equal((await ask('POST', '/networks', { network: field })).status, 403, JSON.stringify(field))
    assert.equal((await ask('PUT', `/networks/${network}`, { network: field })).status, 403, JSON.stringify(field))
  }
  for (const field of [
    { 'binding:host_id': 'host1' },
    { 'binding:profile': { interface: 'eth0' } },
    { 'binding:vnic_type': 'direct', 'binding:host_id': 'x' },
  ]) {
    assert.equal((await ask('POST', '/ports', { port: { network_id: network, ...field } })).status, 403, JSON.stringify(field))
    assert.equal((await ask('PUT', `/ports/${port}`, { port: field })).status, 403, JSON.stringify(field))
  }
})

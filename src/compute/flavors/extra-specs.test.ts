// What flavors' extra specs may say, by namespace, in the microversions that check it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../../../test/support/cloud.ts'
import { assertExtraSpecs } from './extra-specs.ts'

let cloud: TestCloud
before(async () => {
  cloud = await startTestCloud()
  await cloud.request('POST', '/compute/v2.1/flavors', {
    as: 'admin@p1',
    body: { flavor: { name: 'f', id: 'f', ram: 64, vcpus: 1, disk: 0 } },
  })
})
after(() => cloud.stop())

const refused: [string, string][] = [
  ['hw:cpu_policy', 'nosuch'],
  ['hw:nosuch', '1'],
  ['hw:numa_nodes', '0'],
  ['hw:numa_nodes', 'two'],
  ['hw:cpu_realtime', 'maybe'],
  ['hw:mem_page_size', 'huge'],
  ['hw:numa_cpus.x', '1'],
  ['hw:numa_mem.0', '0'],
  ['hw:cpu_dedicated_mask', '1-'],
  ['quota:cpu_shares', '-1'],
  ['quota:nosuch', '1'],
  ['resources:NOSUCH', '1'],
  ['resources:VCPU', 'many'],
  ['resources1:NOSUCH', '1'],
  ['trait:NOSUCH', 'required'],
  ['trait:CUSTOM_GOLD', 'perhaps'],
  ['hw_rng:allowed', '2'],
  ['os:secure_boot', 'optional'],
  ['accel:nosuch', 'x'],
  ['pci_passthrough:alias', 'a'],
  ['hw_video:ram_max_mb', '-1'],
  ['group_policy', 'both'],
  ['capabilities:nosuch', 'x'],
  ['vmware:nosuch', 'x'],
  ['hw:redirected_usb_ports', '16'],
  ['hw:pmem', 'a b'],
]
const taken: [string, string][] = [
  ['hw:cpu_policy', 'dedicated'],
  ['hw:numa_cpus.0', '0-3,^2'],
  ['hw:numa_mem.1', '512'],
  ['hw:cpu_realtime_mask', '^0'],
  ['resources:VCPU', '2'],
  ['resources_GROUP:CUSTOM_FPGA', '0'],
  ['trait:HW_CPU_X86_AVX', 'forbidden'],
  ['trait1:CUSTOM_GOLD', 'required'],
  ['quota:vif_inbound_average', '100'],
  ['capabilities:cpu_info:features', '<in> avx'],
  ['aggregate_instance_extra_specs:ssd', 'true'],
  ['nosuch:anything', 'goes'],
  ['plain', 'goes'],
  ['fake:spawn', 'fail'],
  ['hw:mem_page_size', '2MB'],
  ['pci_passthrough:alias', 'gpu:1, nic:2'],
]

for (const [name, value] of refused) {
  test(`G8 the extra spec ${name}=${value} is refused by both calls since 2.86, and taken before`, async () => {
    const at = (version: string) => ({ as: 'admin@p1', headers: { 'openstack-api-version': `compute ${version}` } })
    const set = await cloud.request('POST', '/compute/v2.1/flavors/f/os-extra_specs', {
      ...at('2.86'),
      body: { extra_specs: { [name]: value } },
    })
    assert.equal(set.status, 400, set.text)
    const change = await cloud.request('PUT', `/compute/v2.1/flavors/f/os-extra_specs/${name}`, { ...at('2.104'), body: { [name]: value } })
    assert.equal(change.status, 400, change.text)
    const before = await cloud.request('POST', '/compute/v2.1/flavors/f/os-extra_specs', {
      ...at('2.85'),
      body: { extra_specs: { [name]: value } },
    })
    assert.equal(before.status, 200, before.text)
  })
}

test('G8 what Nova takes is taken: known names with values that fit, and namespaces that are the operator’s own', () => {
  for (const [name, value] of taken) assert.doesNotThrow(() => assertExtraSpecs({ [name]: value }), `${name}=${value}`)
})

test('G8 a member learns that he may not, not that his value is wrong', async () => {
  const answer = await cloud.request('POST', '/compute/v2.1/flavors/f/os-extra_specs', {
    as: 'member@p1',
    headers: { 'openstack-api-version': 'compute 2.86' },
    body: { extra_specs: { 'hw:nosuch': '1' } },
  })
  assert.equal(answer.status, 403)
})

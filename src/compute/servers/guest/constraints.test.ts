// Images and flavors that contradict themselves or each other, refused before a server is accepted.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../../../../test/support/server-cloud.ts'
import { parseCpuSet } from './cpu-set.ts'
import { assertGuestConstraints } from './constraints.ts'
import { imageProperties } from './image-properties.ts'

const flavor = (extraSpecs: Record<string, string> = {}, vcpus = 4) => ({
  id: 'f',
  name: 'f',
  vcpus,
  ramMib: 1024,
  rootGib: 1,
  ephemeralGib: 0,
  swapMib: 0,
  rxtxFactor: 1,
  extraSpecs,
})

test('G9 every property that compute types refuses a value that it cannot have', () => {
  for (const [name, values] of imageProperties) {
    if (values !== 'integer' && typeof values === 'string') continue
    assert.throws(
      () => assertGuestConstraints({ [name]: 'nosuch' }, flavor()),
      /^ApiError: (Invalid image metadata|Image's config drive)/,
      name,
    )
  }
})

test('G9 what Nova takes is taken: known values in the case that it reads, old names, properties of others', () => {
  for (const properties of [
    { hw_vif_model: 'VirtualVmxnet3' },
    { architecture: 'amd64' },
    { os_type: 'Linux' },
    { hw_disk_bus: 'virtio', own: 'word' },
    { hw_scsi_model: 'ParaVirtual' },
  ]) {
    assert.doesNotThrow(() => assertGuestConstraints(properties as unknown as Record<string, string>, flavor()), JSON.stringify(properties))
  }
})

const contradictions: [string, Record<string, string>, Record<string, string>, RegExp][] = [
  ['locked memory without pages', {}, { 'hw:locked_memory': 'true' }, /locked_memory value in image or flavor is forbidden/],
  ['locked memory that differs', { hw_locked_memory: 'false' }, { 'hw:locked_memory': 'true', 'hw:mem_page_size': 'large' }, /conflict/],
  ['pages of the image alone', { hw_mem_page_size: '2MB' }, {}, /forbidden against '<empty>'/],
  ['pages that are none', {}, { 'hw:mem_page_size': 'huge' }, /Invalid memory page size/],
  ['an image that pins against a shared flavor', { hw_cpu_policy: 'dedicated' }, { 'hw:cpu_policy': 'shared' }, /CPU pinning policy/],
  ['a policy that is none', {}, { 'hw:cpu_policy': 'nosuch' }, /CPU policy requested/],
  ['threads without pinning', { hw_cpu_thread_policy: 'isolate' }, {}, /non dedicated/],
  ['isolated emulator threads without pinning', {}, { 'hw:emulator_threads_policy': 'isolate' }, /dedicated CPU policy option/],
  ['a mixed policy without mask', {}, { 'hw:cpu_policy': 'mixed' }, /Dedicated CPU set/],
  ['a mask of all CPUs', {}, { 'hw:cpu_policy': 'mixed', 'hw:cpu_dedicated_mask': '0-3' }, /at least 1 pinned/],
  ['realtime without pinning', {}, { 'hw:cpu_realtime': 'yes', 'hw:cpu_realtime_mask': '^0' }, /realtime policy/],
  ['NUMA nodes in both', { hw_numa_nodes: '2' }, { 'hw:numa_nodes': '2' }, /override NUMA/],
  ['NUMA nodes that do not divide the CPUs', {}, { 'hw:numa_nodes': '3' }, /evenly distributed/],
  ['no NUMA nodes', {}, { 'hw:numa_nodes': '0' }, /greater than 0/],
  ['CPUs of NUMA nodes without memory', {}, { 'hw:numa_nodes': '1', 'hw:numa_cpus.0': '0-3' }, /for all NUMA nodes/],
  [
    'a CPU in two nodes',
    { hw_numa_nodes: '2', 'hw_numa_cpus.0': '0-2', 'hw_numa_cpus.1': '2-3', 'hw_numa_mem.0': '512', 'hw_numa_mem.1': '512' },
    {},
    /assigned to two nodes/,
  ],
  ['a CPU set that is none, of nodes that nobody asks for', { 'hw_numa_cpus.0': 'x' }, {}, /Invalid range expression 'x'/],
  [
    'memory of nodes that is no number',
    { 'hw_numa_mem.0': '512', 'hw_numa_mem.1': 'x' },
    {},
    /Invalid image metadata. Error: invalid literal/,
  ],
  ['memory that does not add up', { hw_numa_nodes: '1', 'hw_numa_cpus.0': '0-3', 'hw_numa_mem.0': '512' }, {}, /memory assigned/],
  ['a topology beyond the flavor', { hw_cpu_sockets: '4' }, { 'hw:cpu_max_sockets': '2' }, /exceeds the limits/],
  ['limits beyond the flavor', { hw_cpu_max_cores: '4' }, { 'hw:cpu_max_cores': '2' }, /exceeds the limits/],
  ['more serial ports than the flavor', { hw_serial_port_count: '4' }, { 'hw:serial_port_count': '2' }, /exceed flavor value/],
  ['a PMU that differs', { hw_pmu: 'no' }, { 'hw:pmu': 'yes' }, /conflicting with image/],
  ['encrypted memory without UEFI', {}, { 'hw:mem_encryption': 'true' }, /hw_firmware_type/],
  ['VCPU beside a policy', {}, { 'hw:cpu_policy': 'dedicated', 'resources:VCPU': '4' }, /in combination/],
  ['a PCI alias that nobody defined', {}, { 'pci_passthrough:alias': 'gpu:1' }, /PCI alias gpu is not defined/],
]
for (const [what, image, extraSpecs, message] of contradictions) {
  test(`G9 ${what} is refused with 400`, () => assert.throws(() => assertGuestConstraints(image, flavor(extraSpecs)), message))
}

test('F4 a set of CPUs that names them all thousands of times costs no more than one that names them once', () => {
  // this many expanded one by one would be thirty million: what is counted here is that the answer comes at all within the suite's time
  const all = '0-4095,'.repeat(9_000)
  assert.equal(parseCpuSet(all).size, 4_096)
  assert.equal(parseCpuSet(`${all}${'^0-4094,'.repeat(9_000)}`).size, 1)
  assert.deepEqual([...parseCpuSet(' 7, 2-4 ,3,,^3,1-2')], [1, 2, 4, 7])
  for (const text of ['4-2', '0-4096', '1-', '^', 'a', '1-2-3']) assert.throws(() => parseCpuSet(text), /Invalid range expression/, text)
})

let the: ServerCloud
before(async () => void (the = await startServerCloud({ image: { hw_disk_bus: 'nosuch' } })))
after(() => the.stop())

test('G9 create, rebuild and resize refuse it alike, and nothing is made', async () => {
  const refusal = await the.api('POST', '/compute/v2.1/servers', { body: the.server(), status: 400 })
  assert.match(refusal.badRequest.message, /Invalid image metadata/)
  await the.api('PATCH', `/image/v2/images/${the.imageId}`, { as: 'admin@p1', status: 415 })
  const patch = async (value: string) => {
    const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' }
    const answer = await the.cloud.request('PATCH', `/image/v2/images/${the.imageId}`, {
      as: 'admin@p1',
      headers,
      body: JSON.stringify([{ op: 'replace', path: '/hw_disk_bus', value }]),
    })
    assert.equal(answer.status, 200, answer.text)
  }
  await patch('virtio')
  const id = await the.boot()
  await patch('nosuch')
  await the.act(id, { rebuild: { imageRef: the.imageId } }, { status: 400 })
  await the.api('POST', `/compute/v2.1/flavors/${the.bigFlavorId}/os-extra_specs`, {
    as: 'admin@p1',
    body: { extra_specs: { 'hw:locked_memory': 'true' } },
  })
  await the.act(id, { resize: { flavorRef: the.bigFlavorId } }, { status: 400 })
  assert.equal((await the.show(id)).status, 'ACTIVE')
})

test('G9 CPUs of one’s own are had or refused by every host, never dropped', async () => {
  const { flavor: pinned } = await the.api('POST', '/compute/v2.1/flavors', {
    as: 'admin@p1',
    body: { flavor: { name: 'pinned', ram: 64, vcpus: 1, disk: 1 } },
  })
  await the.api('POST', `/compute/v2.1/flavors/${pinned.id}/os-extra_specs`, {
    as: 'admin@p1',
    body: { extra_specs: { 'hw:cpu_policy': 'dedicated' } },
  })
  const { image } = {
    image: await the.api('POST', '/image/v2/images', { body: { name: 'plain', disk_format: 'raw', container_format: 'bare' } }),
  }
  await the.cloud.request('PUT', `/image/v2/images/${image.id}/file`, {
    as: 'member@p1',
    body: Buffer.alloc(512),
    headers: { 'content-type': 'application/octet-stream' },
  })
  const { server } = await the.api('POST', '/compute/v2.1/servers', { body: the.server({ imageRef: image.id, flavorRef: pinned.id }) })
  const { fault } = await the.until(server.id, 'ERROR')
  assert.match(fault.message, /No valid host/)
})

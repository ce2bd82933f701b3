// What an image's properties and a flavor's extra specs ask of the guest must make sense, each by itself and together,
// before a server is accepted: a guarantee that cannot be given is refused, never dropped in silence. Rules and words are
// those of openstack/nova nova/virt/hardware.py and nova/compute/api.py (mid 2026).
import { lenientBoolean } from '../../../platform/api/words.ts'
import { badRequest } from '../../../platform/errors.ts'
import { table } from '../../../platform/table.ts'
import { assertCpus } from './cpu-constraints.ts'
import { parseCpuSet } from './cpu-set.ts'
import { imageProperties, legacyImageProperties, type PropertyValues } from './image-properties.ts'
import { ofBoth, type Asked } from './asked.ts'
import type { ServerFlavor } from '../store/servers.ts'

/** Values that Nova reads whatever their case. */
const anyCase = new Set([
  'hw_architecture',
  'hw_emulation_architecture',
  'hw_scsi_model',
  'hw_vif_model',
  'hw_vm_mode',
  'img_hv_type',
  'os_type',
])
const architectureAliases: Record<string, string> = table({
  i386: 'i686',
  i486: 'i686',
  i586: 'i686',
  amd64: 'x86_64',
  powerpc: 'ppc',
  x86_32: 'i686',
})

const invalid = (reason: string) => badRequest(`Invalid image metadata. Error: ${reason}`)

function assertProperty(name: string, value: string, values: PropertyValues): void {
  if (values === 'integer' && !/^\s*[+-]?\d+\s*$/.test(value)) throw invalid(`invalid literal for int() with base 10: '${value}'`)
  if (typeof values === 'string') return
  const read = anyCase.has(name) ? value.toLowerCase() : value
  if (!values.includes(read) && !(name.endsWith('architecture') && Object.hasOwn(architectureAliases, read)))
    throw invalid(`Field value ${value} is invalid`)
}

/** The properties by their present names; refuses a value that its property cannot have. */
function typedProperties(properties: Record<string, string>): ReadonlyMap<string, string> {
  const typed = new Map<string, string>()
  for (const [given, value] of Object.entries(properties)) {
    const name = legacyImageProperties.get(given) ?? given
    const values = imageProperties.get(name)
    if (values === undefined) {
      if (/^hw_numa_(cpus|mem)\.\d+$/.test(name)) typed.set(name, value)
      continue
    }
    if (name === 'img_config_drive' && Array.isArray(values) && !values.includes(value))
      throw badRequest(`Image's config drive option '${value}' is invalid`)
    assertProperty(name, value, values)
    typed.set(name, value)
  }
  // the nodes' properties are read from 0 as far as they follow each other, whether or not nodes are asked for
  const ofNodes = (part: string, read: (value: string) => unknown) => {
    for (let node = 0, value = typed.get(`${part}.0`); value !== undefined; value = typed.get(`${part}.${++node}`)) read(value)
  }
  ofNodes('hw_numa_cpus', parseCpuSet)
  ofNodes('hw_numa_mem', (value) => assertProperty('hw_numa_mem', value, 'integer'))
  return typed
}

/** Refuses with 400 a server whose image and flavor contradict themselves or each other. */
export function assertGuestConstraints(properties: Record<string, string>, flavor: ServerFlavor): void {
  const asked: Asked = { image: typedProperties(properties), flavor }
  assertMemoryEncryption(asked)
  for (const key of ['virtio_packed_ring', 'pmu', ...(flavor.vcpus > 1 ? ['vif_multiqueue_enabled'] : [])]) assertSame(asked, key)
  assertSerialPorts(asked)
  assertCpus(asked)
  assertPages(asked)
  const alias = flavor.extraSpecs['pci_passthrough:alias']
  // no host here has devices to pass through, and no alias is configured
  if (alias) throw badRequest(`PCI alias ${alias.split(':', 1)[0]} is not defined`)
}

function assertSame(asked: Asked, key: string): void {
  const [flavor, image] = ofBoth(asked, key)
  if (flavor === undefined || image === undefined || lenientBoolean(flavor) === lenientBoolean(image)) return
  throw badRequest(
    `Flavor ${asked.flavor.name} has hw:${key} extra spec explicitly set to ${flavor}, conflicting with image which has hw_${key} explicitly set to ${image}.`,
  )
}

function assertMemoryEncryption(asked: Asked): void {
  const [flavor, image] = ofBoth(asked, 'mem_encryption')
  const wanted = [flavor, image].some((one) => one !== undefined && lenientBoolean(one))
  if (!wanted) return
  assertSame(asked, 'mem_encryption')
  const [flavorModel, imageModel] = ofBoth(asked, 'mem_encryption_model')
  if (flavorModel && imageModel && flavorModel !== imageModel) {
    throw badRequest(
      `Flavor ${asked.flavor.name} has hw:mem_encryption_model extra spec explicitly set to ${flavorModel}, conflicting with image which has hw_mem_encryption_model explicitly set to ${imageModel}.`,
    )
  }
  const requester =
    flavor === undefined ? 'hw_mem_encryption property of the image' : `hw:mem_encryption extra spec in ${asked.flavor.name} flavor`
  if (asked.image.get('hw_firmware_type') !== 'uefi')
    throw badRequest(
      `Memory encryption is requested by ${requester} but the image metadata doesn't have the 'hw_firmware_type' property set to 'uefi'`,
    )
  const machine = asked.image.get('hw_machine_type')
  if (machine !== undefined && !machine.includes('q35'))
    throw badRequest(`Machine type '${machine}' is not compatible with the image: q35 type is required for SEV to work`)
  const model = flavorModel ?? imageModel
  if (model === 'amd-sev-snp' && !lenientBoolean(asked.image.get('hw_firmware_stateless'))) {
    throw badRequest(
      "The amd-sev-snp memory encryption model requires stateless firmware but the image metadata doesn't have the 'hw_firmware_stateless' property set to True",
    )
  }
}

function assertSerialPorts(asked: Asked): void {
  const [flavor, image] = ofBoth(asked, 'serial_port_count')
  if (flavor && !/^\s*\d+\s*$/.test(flavor))
    throw badRequest(`Number of serial ports specified in flavor is invalid: expected an integer, got '${flavor}'`)
  if (flavor && image && Number(image) > Number(flavor))
    throw badRequest('Forbidden to exceed flavor value of number of serial ports passed in image meta.')
}

const pageSize = /^(any|large|small|\d+|\d+([kKMGT]i?)?(b|bit|B))$/

function assertPages(asked: Asked): void {
  const [flavor, image] = ofBoth(asked, 'mem_page_size')
  if (image && !flavor) throw badRequest(`Page size ${image} forbidden against '<empty>'`)
  for (const one of [flavor, image]) if (one && !pageSize.test(one)) throw badRequest(`Invalid memory page size '${one}'`)
  if (flavor && image && flavor !== 'any' && flavor !== 'large') throw badRequest(`Page size ${image} forbidden against '${flavor}'`)
  const [flavorLock, imageLock] = ofBoth(asked, 'locked_memory')
  if (flavorLock !== undefined && imageLock !== undefined && lenientBoolean(flavorLock) !== lenientBoolean(imageLock)) {
    throw badRequest(
      `locked_memory value in image (${imageLock}) and flavor (${flavorLock}) conflict. A consistent value is expected if both specified.`,
    )
  }
  if (lenientBoolean(flavorLock ?? imageLock) && !flavor && !image)
    throw badRequest('locked_memory value in image or flavor is forbidden when mem_page_size is not set.')
}

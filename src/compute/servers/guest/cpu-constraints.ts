// What image and flavor ask of the guest's CPUs and NUMA nodes: policies, masks, topology, the spread over nodes. Part of
// constraints.ts, which says where the rules come from.
import { lenientBoolean } from '../../../platform/api/words.ts'
import { badRequest } from '../../../platform/errors.ts'
import { maskedCpus, parseCpuSet } from './cpu-set.ts'
import { ofBoth, type Asked } from './asked.ts'

const policies = ['dedicated', 'shared', 'mixed']
const threadPolicies = ['prefer', 'isolate', 'require']
const emulatorPolicies = ['isolate', 'share']

export function assertCpus(asked: Asked): void {
  const masks = { realtime: realtimeCpus(asked), dedicated: dedicatedCpus(asked) }
  assertTopology(asked)
  const policy = withResources(asked, cpuPolicy(asked))
  assertPolicy(asked, policy, masks)
  assertNodes(asked, policy)
}

function assertAmong(words: string[], { policy, source, value }: { policy: string; source: string; value: string | undefined }): void {
  if (value && !words.includes(value))
    throw badRequest(`${policy} requested from '${source}' is invalid, given: '${value}', available: '${words.join(', ')}'.`)
}

function cpuPolicy(asked: Asked): string | undefined {
  const [flavor, image] = ofBoth(asked, 'cpu_policy')
  assertAmong(policies, { policy: 'CPU policy', source: 'flavor extra specs', value: flavor })
  const overrides = (flavor === 'mixed' && image === 'dedicated') || (flavor === 'shared' && (image === 'mixed' || image === 'dedicated'))
  if (overrides) throw badRequest("Image property 'hw_cpu_policy' is not permitted to override CPU pinning policy set against the flavor")
  return flavor || image
}

function threadPolicy(asked: Asked): string | undefined {
  const [flavor, image] = ofBoth(asked, 'cpu_thread_policy')
  assertAmong(threadPolicies, { policy: 'CPU thread policy', source: 'flavor extra specs', value: flavor })
  if (flavor && flavor !== 'prefer' && image && image !== flavor)
    throw badRequest("Image property 'hw_cpu_thread_policy' is not permitted to override CPU thread pinning policy set against the flavor")
  return flavor && flavor !== 'prefer' ? flavor : image || flavor
}

function emulatorPolicy({ flavor }: Asked): string | undefined {
  const value = flavor.extraSpecs['hw:emulator_threads_policy']
  if (value && !emulatorPolicies.includes(value))
    throw badRequest(`CPU emulator threads option requested is invalid, given: '${value}', available: '${emulatorPolicies.join(', ')}'.`)
  return value
}

/** How much of a resource class a flavor asks for by resources:… specs. */
const resourcesOf = ({ flavor }: Asked, name: string): number =>
  Object.entries(flavor.extraSpecs).reduce(
    (sum, [key, value]) => sum + (key.startsWith('resources') && key.endsWith(`:${name}`) ? Number(value) || 0 : 0),
    0,
  )

/** The policy, when VCPU and PCPU are asked for by name as well. */
function withResources(asked: Asked, policy: string | undefined): string | undefined {
  const [shared, pinned] = [resourcesOf(asked, 'VCPU'), resourcesOf(asked, 'PCPU')]
  if (policy && (shared || pinned)) {
    throw badRequest(
      "It is not possible to use the 'resources:VCPU' or 'resources:PCPU' extra specs in combination with the 'hw:cpu_policy' extra spec or 'hw_cpu_policy' image metadata property; use one or the other",
    )
  }
  if (shared && pinned)
    throw badRequest("It is not possible to specify both 'resources:VCPU' and 'resources:PCPU' extra specs; use one or the other")
  if (pinned) {
    const isolated = emulatorPolicy(asked) === 'isolate'
    if (pinned !== asked.flavor.vcpus + (isolated ? 1 : 0)) {
      throw badRequest(
        isolated
          ? "You have requested 'hw:emulator_threads_policy=isolate' but have not requested sufficient PCPUs to handle this policy; you must allocate exactly flavor.vcpus + 1 PCPUs."
          : "There is a mismatch between the number of PCPUs requested via 'resourcesNN:PCPU' and the flavor); you must allocate exactly flavor.vcpus PCPUs",
      )
    }
    return 'dedicated'
  }
  return shared ? 'shared' : policy
}

interface Masks {
  realtime: Set<number> | null
  dedicated: Set<number> | null
}

function assertPolicy(asked: Asked, policy: string | undefined, { realtime, dedicated }: Masks): void {
  const threads = threadPolicy(asked)
  const hyperthreading = asked.flavor.extraSpecs['trait:HW_CPU_HYPERTHREADING']
  if (threads && hyperthreading) {
    throw badRequest(
      "It is not possible to use the 'trait:HW_CPU_HYPERTHREADING' extra spec in combination with the 'hw:cpu_thread_policy' extra spec or 'hw_cpu_thread_policy' image metadata property; use one or the other",
    )
  }
  if (policy === 'mixed') {
    if ((realtime !== null) === (dedicated !== null)) {
      throw badRequest(
        "Dedicated CPU set can be specified from either 'hw:cpu_dedicated_mask' or 'hw:cpu_realtime_mask' when using 'mixed' CPU policy. 'hw:cpu_dedicated_mask' and 'hw:cpu_realtime_mask' can not be specified at the same time, or be specified with none of them.",
      )
    }
    return
  }
  if (policy !== 'dedicated') {
    if (threads || hyperthreading) throw badRequest('Cannot set cpu thread pinning policy in a non dedicated cpu pinning policy')
    if (emulatorPolicy(asked) === 'isolate')
      throw badRequest('An isolated CPU emulator threads option requires a dedicated CPU policy option.')
  }
  if (dedicated) throw badRequest("Cannot specify 'hw:cpu_dedicated_mask' without the 'mixed' policy.")
  if (policy !== 'dedicated' && realtime) throw badRequest('Cannot set realtime policy in a non dedicated cpu pinning policy')
}

function dedicatedCpus({ flavor }: Asked): Set<number> | null {
  const mask = flavor.extraSpecs['hw:cpu_dedicated_mask']
  if (!mask) return null
  const pinned = maskedCpus(flavor.vcpus, mask)
  const within = [...pinned].every((cpu) => cpu < flavor.vcpus)
  if (!within) throw badRequest('Mixed instance dedicated vCPU(s) mask is not a subset of vCPUs in the flavor. See "hw:cpu_dedicated_mask"')
  if (pinned.size === 0 || pinned.size === flavor.vcpus)
    throw badRequest("Mixed instance must have at least 1 pinned vCPU and 1 unpinned vCPU. See 'hw:cpu_dedicated_mask'.")
  return pinned
}

function realtimeCpus(asked: Asked): Set<number> | null {
  const { flavor } = asked
  if (!lenientBoolean(flavor.extraSpecs['hw:cpu_realtime'])) return null
  const [ofFlavor, ofImage] = ofBoth(asked, 'cpu_realtime_mask')
  const cpus = maskedCpus(flavor.vcpus, ofImage || ofFlavor || `0-${flavor.vcpus - 1}`)
  const within = [...cpus].every((cpu) => cpu < flavor.vcpus)
  if (cpus.size === 0 || (within && cpus.size === flavor.vcpus && !emulatorPolicy(asked)))
    throw badRequest('Use of realtime CPUs requires either one or more non-realtime CPU(s) or offloaded emulator threads.')
  if (!within)
    throw badRequest(
      'Realtime policy vCPU(s) mask is configured with RT vCPUs that are not a subset of the vCPUs in the flavor. See hw:cpu_realtime_mask or hw_cpu_realtime_mask',
    )
  return cpus
}

const parts = ['sockets', 'cores', 'threads'] as const

/** An image may narrow what its flavor allows of sockets, cores and threads, never widen it. */
function assertTopology(asked: Asked): void {
  const number = (key: string): [number, number] => {
    const [flavor, image] = ofBoth(asked, key)
    if (flavor && !/^\s*\d+\s*$/.test(flavor))
      throw badRequest(`Invalid flavor extra spec. Error: invalid literal for int() with base 10: '${flavor}'`)
    return [Number(flavor ?? 0), Number(image ?? 0)]
  }
  const limits = parts.map((part) => number(`cpu_max_${part}`))
  const shown = (values: number[]) => parts.map((part, index) => `${part}=${values[index]}`).join(', ')
  if (limits.some(([flavor, image]) => flavor > 0 && image > flavor)) {
    throw badRequest(
      `Image vCPU topology limits (${shown(limits.map(([, image]) => image))}) exceeds the limits of the flavor (${shown(limits.map(([flavor]) => flavor))})`,
    )
  }
  const most = limits.map(([flavor, image]) => image || flavor || 65_536)
  const wanted = parts.map((part) => number(`cpu_${part}`)[1])
  if (wanted.some((value, index) => value > (most[index] ?? 0))) {
    throw badRequest(`Image vCPU topology (${shown(wanted)}) exceeds the limits of the flavor or image (${shown(most)})`)
  }
}

function nodeCount(asked: Asked): number | null {
  const [flavor, image] = ofBoth(asked, 'numa_nodes')
  if (flavor && image) throw overridden('hw_numa_nodes')
  const nodes = flavor ?? image
  if (nodes === undefined) return null
  if (!/^\d{1,9}$/.test(nodes) || Number(nodes) < 1)
    throw badRequest(`The property 'numa_nodes' cannot be '${nodes}'. It must be a number greater than 0`)
  return Number(nodes)
}

const overridden = (name: string) =>
  badRequest(`Image property '${name}' is not permitted to override NUMA configuration set against the flavor`)

/** The values of name.0, name.1, … as far as they go, in the flavor or else in the image. */
function listed({ flavor, image }: Asked, key: string): string[] | null {
  const until = (get: (index: number) => string | undefined): string[] => {
    const values: string[] = []
    for (let value = get(0); value !== undefined; value = get(values.length)) values.push(value)
    return values
  }
  const ofFlavor = until((index) => flavor.extraSpecs[`hw:${key}.${index}`])
  const ofImage = until((index) => image.get(`hw_${key}.${index}`))
  if (ofFlavor.length > 0 && ofImage.length > 0) throw overridden(`hw_${key}`)
  const values = ofFlavor.length > 0 ? ofFlavor : ofImage
  return values.length > 0 ? values : null
}

/** Nodes come by asking for them, by pinning, by large pages or by persistent memory: then CPUs and memory must spread over them. */
function assertNodes(asked: Asked, policy: string | undefined): void {
  const { flavor } = asked
  const count = nodeCount(asked)
  const has =
    count !== null || policy === 'dedicated' || policy === 'mixed' || flavor.extraSpecs['hw:mem_page_size'] || flavor.extraSpecs['hw:pmem']
  if (!has) return
  const nodes = count ?? 1
  const [cpus, memory] = [listed(asked, 'numa_cpus')?.map(parseCpuSet), listed(asked, 'numa_mem')?.map(Number)]
  if (!cpus && !memory) {
    if (flavor.vcpus % nodes > 0 || flavor.ramMib % nodes > 0) {
      throw badRequest(
        'Instance CPUs and/or memory cannot be evenly distributed across instance NUMA nodes. Explicit assignment of CPUs and memory to nodes is required',
      )
    }
    return
  }
  if (cpus?.length !== nodes || memory?.length !== nodes) throw badRequest('CPU and memory allocation must be provided for all NUMA nodes')
  const open = new Set(Array.from({ length: flavor.vcpus }, (_, cpu) => cpu))
  for (const cpu of cpus.flatMap((set) => [...set])) {
    if (cpu >= flavor.vcpus) throw badRequest(`CPU number ${cpu} is larger than max ${flavor.vcpus - 1}`)
    if (!open.delete(cpu)) throw badRequest(`CPU number ${cpu} is assigned to two nodes`)
  }
  if (open.size > 0) throw badRequest(`CPU number ${[...open].join(', ')} is not assigned to any node`)
  const total = memory.reduce((sum, mib) => sum + mib, 0)
  if (total !== flavor.ramMib) throw badRequest(`${total} MB of memory assigned, but expected ${flavor.ramMib} MB`)
}

// What this machine has, for placement and the hypervisor API. Read from /proc and the file system; QEMU's version once.
import { readFileSync, statfsSync, type StatsFs } from 'node:fs'
import { loadavg, networkInterfaces } from 'node:os'
import type { HostReport } from '../contract/host.ts'
import type { SegmentType } from '../contract/network.ts'
import type { VolumePool } from '../contract/volumes.ts'
import { HostError } from '../contract/call.ts'
import type { Accelerator } from './guests/accelerator.ts'
import { runTool } from './tools.ts'
import { table } from '../platform/table.ts'

/** What a host of ours can do for a server, whatever its driver, by placement's names. */
export const commonTraits = [
  'COMPUTE_DEVICE_TAGGING',
  'COMPUTE_IMAGE_TYPE_QCOW2',
  'COMPUTE_IMAGE_TYPE_RAW',
  'COMPUTE_NET_ATTACH_INTERFACE',
  'COMPUTE_NET_VIF_MODEL_VIRTIO',
  'COMPUTE_NODE',
  'COMPUTE_RESCUE_BFV',
  'COMPUTE_STORAGE_BUS_VIRTIO',
  'COMPUTE_VOLUME_ATTACH',
  'COMPUTE_VOLUME_EXTEND',
]

const GiB = 2 ** 30

/** '7.2.22' of the installed QEMU; HostError 'unsupported' when there is none. */
export async function qemuVersion(binary = 'qemu-system-x86_64'): Promise<string> {
  const text = await runTool([binary, '--version'])
  const version = /version (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1]
  if (!version) throw new HostError('unsupported', `${binary} does not tell its version`)
  return version
}

/** 7.2.22 → 7002022, as Nova counts */
function versionNumber(version: string): number {
  const [major = 0, minor = 0, micro = 0] = version.split('.').map(Number)
  return major * 1_000_000 + minor * 1_000 + micro
}

export interface InventoryOf {
  name: string
  dataDir: string
  /** what guests' disks take */
  guestDiskBytes: number
  accelerator: Accelerator
  version: string
  segmentTypes: SegmentType[]
  volumePool: VolumePool
}

export function probeInventory({ name, dataDir, guestDiskBytes, accelerator, version, segmentTypes, volumePool }: InventoryOf): HostReport {
  const cpuinfo = readFileSync('/proc/cpuinfo', 'utf8')
  const field = (key: string) => new RegExp(`^${key}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1] ?? ''
  const vcpus = cpuinfo.match(/^processor\s*:/gm)?.length ?? 1
  const memory = Number(/^MemTotal:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0)
  const sockets = Math.max(1, new Set(cpuinfo.match(/^physical id\s*:.*$/gm)).size)
  const features = field('flags')
    .split(' ')
    .filter((flag) => flag !== '')
  return {
    hostname: name,
    vcpus,
    ramMib: Math.floor(memory / 1024),
    ...diskSizes(statfsSync(dataDir), guestDiskBytes),
    hypervisorType: 'QEMU',
    hypervisorVersion: versionNumber(version),
    cpuInfo: {
      arch: process.arch === 'x64' ? 'x86_64' : 'aarch64',
      model: field('model name') || 'unknown',
      vendor: field('vendor_id') || 'unknown',
      topology: { cells: 1, sockets, cores: Math.max(1, Math.floor(vcpus / sockets)), threads: 1 },
      features,
    },
    accelerator,
    hostIp: ownAddress(),
    uptimeSeconds: uptimeSeconds(),
    loadAverage: loadavg(),
    volumePool,
    traits: [...commonTraits, ...cpuTraits(features)].sort(),
    segmentTypes,
    capabilities: { anyImageType: false, guestAgent: false, consoles: true },
    // a boot under emulation is about 7 s of one core; more at once only makes each slower
    buildLimit: accelerator === 'kvm' ? Math.max(4, vcpus) : vcpus,
  }
}

/** Whole gibibytes of a file system: all of it, what others than guests' disks take, and what is free. */
export function diskSizes(
  { blocks, bavail, bsize }: Pick<StatsFs, 'blocks' | 'bavail' | 'bsize'>,
  guestDiskBytes: number,
): Pick<HostReport, 'diskGib' | 'diskReservedGib' | 'diskFreeGib'> {
  const diskGib = Math.floor((blocks * bsize) / GiB)
  const othersGib = Math.ceil(((blocks - bavail) * bsize - guestDiskBytes) / GiB)
  return { diskGib, diskReservedGib: Math.min(diskGib, Math.max(0, othersGib)), diskFreeGib: Math.floor((bavail * bsize) / GiB) }
}

const uptimeSeconds = () => Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))

/** The first address that others could reach; loopback when there is none. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find((address) => address.family === 'IPv4' && !address.internal)?.address ?? '127.0.0.1'
}

/** Processor features that placement has standard traits for. */
function cpuTraits(features: string[]): string[] {
  const known = ['aes', 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'mmx', 'sha_ni', 'sse', 'sse2', 'ssse3', 'sse4_1', 'sse4_2']
  const names: Record<string, string> = table({ aes: 'AESNI', fma: 'FMA3', sha_ni: 'SHA', bmi1: 'BMI', sse4_1: 'SSE41', sse4_2: 'SSE42' })
  return known.filter((flag) => features.includes(flag)).map((flag) => `HW_CPU_X86_${names[flag] ?? flag.toUpperCase()}`)
}

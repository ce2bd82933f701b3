// What a running guest uses: processor time from /proc, memory from the balloon, disks from QEMU, cards from their taps.
import { readFile } from 'node:fs/promises'
import type { GuestDiagnostics } from '../../contract/guests.ts'
import type { LiveGuest } from './engine.ts'
import { type Machine, nodeName } from './machine.ts'
import { QmpError } from './qmp.ts'

const ticksPerSecond = 100
const MiB = 2 ** 20

export async function readDiagnostics({ qmp, process }: LiveGuest, machine: Machine, hypervisor: string): Promise<GuestDiagnostics> {
  const [cpus, blocks, balloon] = await Promise.all([qmp.execute('query-cpus-fast'), qmp.execute('query-blockstats'), actualMemory(qmp)])
  const countersOf = await tapCounters()
  const byNode = new Map(blocks.map((block) => [block['node-name'], block.stats]))
  return {
    uptimeSeconds: await secondsSince(process.startTicks),
    cpuTimesNs: await Promise.all(cpus.map((cpu) => cpuTimeNs(process.pid, cpu['thread-id']))),
    memoryMib: { maximum: machine.ramMib, used: balloon ?? machine.ramMib },
    disks: machine.disks.map((disk) => {
      const stats = byNode.get(nodeName(disk.id))
      return {
        readBytes: stats?.rd_bytes ?? 0,
        readRequests: stats?.rd_operations ?? 0,
        writeBytes: stats?.wr_bytes ?? 0,
        writeRequests: stats?.wr_operations ?? 0,
        errors: (stats?.failed_rd_operations ?? 0) + (stats?.failed_wr_operations ?? 0),
      }
    }),
    nics: machine.nics.map(({ mac, tap }) => ({ mac, ...countersOf(tap) })),
    driver: 'qemu',
    hypervisor,
  }
}

/** Megabytes that the guest has; null when it has no balloon driver yet. */
async function actualMemory(qmp: LiveGuest['qmp']): Promise<number | null> {
  try {
    return Math.floor((await qmp.execute('query-balloon')).actual / MiB)
  } catch (error) {
    if (error instanceof QmpError) return null
    throw error
  }
}

async function secondsSince(startTicks: number): Promise<number> {
  const uptime = Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0])
  return Math.max(0, Math.floor(uptime - startTicks / ticksPerSecond))
}

async function cpuTimeNs(pid: number, threadId: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${threadId}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * (1e9 / ticksPerSecond)
}

type Counters = Omit<GuestDiagnostics['nics'][number], 'mac'>

/** The taps' counters, seen from the guest: what a tap sends the guest receives. From /proc/net, which is always this namespace's. */
async function tapCounters(): Promise<(tap: string) => Counters> {
  const counters = new Map<string, Counters>()
  for (const line of (await readFile('/proc/net/dev', 'utf8')).split('\n')) {
    const [name, rest] = line.split(':')
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDrop = 0, , , , , rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDrop = 0] =
      rest?.trim().split(/\s+/).map(Number) ?? []
    if (name && rest) counters.set(name.trim(), { rxBytes, txBytes, rxPackets, txPackets, rxDrop, txDrop, rxErrors, txErrors })
  }
  const none: Counters = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, rxDrop: 0, txDrop: 0, rxErrors: 0, txErrors: 0 }
  return (tap) => counters.get(tap) ?? none
}

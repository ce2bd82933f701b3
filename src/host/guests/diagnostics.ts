// What a running guest uses: processor time from /proc, memory from the balloon, disks from QEMU, cards from their taps.
import { readFile } from 'node:fs/promises'
import type { GuestDiagnostics } from '../contract.ts'
import type { LiveGuest } from './engine.ts'
import { type Machine, nodeName } from './machine.ts'
import { QmpError } from './qmp.ts'

const ticksPerSecond = 100
const MiB = 2 ** 20

export async function readDiagnostics({ qmp, process }: LiveGuest, machine: Machine, hypervisor: string): Promise<GuestDiagnostics> {
  const [cpus, blocks, balloon] = await Promise.all([qmp.execute('query-cpus-fast'), qmp.execute('query-blockstats'), actualMemory(qmp)])
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
    nics: await Promise.all(machine.nics.map(async ({ mac, tap }) => ({ mac, ...(await tapCounters(tap)) }))),
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

/** The tap's counters, seen from the guest: what the tap sends the guest receives. */
async function tapCounters(tap: string): Promise<Omit<GuestDiagnostics['nics'][number], 'mac'>> {
  const read = async (name: string) => Number(await readFile(`/sys/class/net/${tap}/statistics/${name}`, 'utf8').catch(() => '0'))
  const [rxBytes, txBytes, rxPackets, txPackets, rxDrop, txDrop, rxErrors, txErrors] = await Promise.all(
    ['tx_bytes', 'rx_bytes', 'tx_packets', 'rx_packets', 'tx_dropped', 'rx_dropped', 'tx_errors', 'rx_errors'].map(read),
  )
  return {
    rxBytes: rxBytes ?? 0, txBytes: txBytes ?? 0, rxPackets: rxPackets ?? 0, txPackets: txPackets ?? 0,
    rxDrop: rxDrop ?? 0, txDrop: txDrop ?? 0, rxErrors: rxErrors ?? 0, txErrors: txErrors ?? 0,
  }
}

// Diagnostics as the API shows them: one form for all drivers since 2.48, flat numbers before.
import type { GuestDiagnostics } from '../../../contract/guests.ts'
import type { ServerRow } from '../store/servers.ts'
import { table } from '../../../platform/table.ts'

export const diagnosticsView = (server: ServerRow, guest: GuestDiagnostics) => ({
  state: 'running',
  // the schema of clients knows Nova's drivers only; ours is nearest to libvirt
  driver: 'libvirt',
  hypervisor: guest.hypervisor,
  hypervisor_os: 'linux',
  uptime: guest.uptimeSeconds,
  config_drive: server.config_drive,
  num_cpus: guest.cpuTimesNs.length,
  num_nics: guest.nics.length,
  num_disks: guest.disks.length,
  disk_details: guest.disks.map((disk) => ({
    read_bytes: disk.readBytes,
    read_requests: disk.readRequests,
    write_bytes: disk.writeBytes,
    write_requests: disk.writeRequests,
    errors_count: disk.errors,
  })),
  cpu_details: guest.cpuTimesNs.map((time, id) => ({ id, time, utilisation: null })),
  nic_details: guest.nics.map((nic) => ({
    mac_address: nic.mac,
    rx_octets: nic.rxBytes,
    rx_errors: nic.rxErrors,
    rx_drop: nic.rxDrop,
    rx_packets: nic.rxPackets,
    rx_rate: null,
    tx_octets: nic.txBytes,
    tx_errors: nic.txErrors,
    tx_drop: nic.txDrop,
    tx_packets: nic.txPackets,
    tx_rate: null,
  })),
  memory_details: { maximum: guest.memoryMib.maximum, used: guest.memoryMib.used },
})

export function diagnosticsOldView(guest: GuestDiagnostics): Record<string, number> {
  const view: Record<string, number> = table({ memory: guest.memoryMib.maximum * 1024 })
  for (const [index, time] of guest.cpuTimesNs.entries()) view[`cpu${index}_time`] = time
  for (const [index, disk] of guest.disks.entries()) {
    const name = `vd${String.fromCharCode(97 + index)}`
    Object.assign(view, {
      [`${name}_read`]: disk.readBytes,
      [`${name}_read_req`]: disk.readRequests,
      [`${name}_write`]: disk.writeBytes,
      [`${name}_write_req`]: disk.writeRequests,
      [`${name}_errors`]: disk.errors,
    })
  }
  for (const [index, nic] of guest.nics.entries()) {
    const name = `vnet${index}`
    Object.assign(view, {
      [`${name}_rx`]: nic.rxBytes,
      [`${name}_rx_drop`]: nic.rxDrop,
      [`${name}_rx_errors`]: nic.rxErrors,
      [`${name}_rx_packets`]: nic.rxPackets,
      [`${name}_tx`]: nic.txBytes,
      [`${name}_tx_drop`]: nic.txDrop,
      [`${name}_tx_errors`]: nic.txErrors,
      [`${name}_tx_packets`]: nic.txPackets,
    })
  }
  return view
}

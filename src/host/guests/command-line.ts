// A machine as QEMU's command line. Pure. Everything has its format and its place given; nothing is left to probing,
// to QEMU's defaults (-nodefaults, -no-user-config) or to what a file says of itself.
import { type Disk, type Machine, type Nic, nodeName, portCount } from './machine.ts'

/** Sockets and logs, relative to the guest's directory; run/ belongs to the guest's user, the rest to root. */
export const runFiles = {
  qmp: 'run/qmp',
  serial: 'run/serial',
  vnc: 'run/vnc',
  memory: 'run/memory',
  consoleLog: 'run/console.log',
}

export interface StartOptions {
  /** 'run': boots at once; 'halted': waits before the first instruction; 'incoming': waits for a saved memory */
  start: 'run' | 'halted' | 'incoming'
  binary?: string
}

/** The arguments of `-blockdev` and of QMP's blockdev-add. */
export function blockNode(
  disk: Pick<Disk, 'id' | 'path' | 'format' | 'base' | 'readOnly'>,
): { 'node-name': string } & Record<string, unknown> {
  const file = (path: string) => ({ driver: 'file', filename: path })
  const base = disk.base
    ? { driver: disk.base.format, 'read-only': true, ...noBacking(disk.base.format), file: file(disk.base.path) }
    : null
  return {
    'node-name': nodeName(disk.id),
    driver: disk.format,
    'read-only': disk.readOnly,
    discard: 'unmap',
    ...(disk.format === 'qcow2' ? { backing: base } : {}),
    file: file(disk.path),
  }
}

const noBacking = (format: string) => (format === 'qcow2' ? { backing: null } : {})

/** The arguments of `-device` and of QMP's device_add. */
export function diskDevice(disk: Disk): { driver: string; id: string } & Record<string, unknown> {
  return {
    driver: 'virtio-blk-pci',
    id: disk.id,
    drive: nodeName(disk.id),
    bus: `rp${disk.port}`,
    ...(disk.serial === null ? {} : { serial: disk.serial }),
    ...(disk.boots ? { bootindex: 1 } : {}),
  }
}

export function nicDevice(nic: Nic): { driver: string; id: string } & Record<string, unknown> {
  const mtu = nic.mtuBytes > 0 ? { host_mtu: nic.mtuBytes } : {}
  return { driver: 'virtio-net-pci', id: nic.id, netdev: nodeName(nic.id), mac: nic.mac, bus: `rp${nic.port}`, romfile: '', ...mtu }
}

/** Program and arguments; QEMU's working directory must be the guest's. */
export function commandLine(machine: Machine, { start, binary = 'qemu-system-x86_64' }: StartOptions): string[] {
  const { id, vcpus, ramMib } = machine
  return [
    [binary],
    ['-name', `guest=${id},debug-threads=on`, '-uuid', id],
    ['-no-user-config', '-nodefaults', '-no-shutdown', '-msg', 'timestamp=on'],
    ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ['-machine', `${machine.type},usb=off,dump-guest-core=off`],
    machine.accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi,tb-size=64', '-cpu', 'max'],
    ['-m', `size=${ramMib}M`, '-smp', `cpus=${vcpus},sockets=${vcpus},cores=1,threads=1`],
    ['-rtc', 'base=utc,driftfix=slew', '-boot', 'strict=on'],
    // cloud-init knows an OpenStack by these names
    [
      '-smbios',
      `type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,version=Stackling,serial=${id},uuid=${id},family=Virtual Machine`,
    ],
    rootPorts(),
    machine.disks.flatMap((disk) => ['-blockdev', JSON.stringify(blockNode(disk)), '-device', JSON.stringify(diskDevice(disk))]),
    machine.configDrive === null ? [] : configDrive(machine.configDrive),
    machine.nics.flatMap((nic) => [
      '-netdev',
      `tap,id=${nodeName(nic.id)},ifname=${nic.tap},script=no,downscript=no`,
      '-device',
      JSON.stringify(nicDevice(nic)),
    ]),
    [
      '-object',
      'rng-random,id=rng0,filename=/dev/urandom',
      '-device',
      'virtio-rng-pci,rng=rng0',
      '-device',
      'virtio-balloon-pci,id=balloon0',
    ],
    [
      '-chardev',
      `socket,id=serial0,path=${runFiles.serial},server=on,wait=off,logfile=${runFiles.consoleLog},logappend=on`,
      '-serial',
      'chardev:serial0',
    ],
    ['-vga', 'std', '-display', 'none', '-vnc', `unix:${runFiles.vnc}`],
    ['-chardev', `socket,id=qmp0,path=${runFiles.qmp},server=on,wait=off`, '-mon', 'chardev=qmp0,mode=control'],
    start === 'halted' ? ['-S'] : [],
    start === 'incoming' ? ['-incoming', 'defer'] : [],
  ].flat()
}

/** Eight ports to a PCI slot, from slot 2 on; no legacy I/O space, of which there is too little for so many. */
function rootPorts(): string[] {
  return Array.from({ length: portCount }, (_, n) => {
    const place = `addr=${2 + Math.floor(n / 8)}.${n % 8}${n % 8 === 0 ? ',multifunction=on' : ''}`
    return ['-device', `pcie-root-port,id=rp${n + 1},chassis=${n + 1},${place},io-reserve=0`]
  }).flat()
}

/** A CD on virtio-scsi: /dev/sr0 in the guest, so that volumes keep their names, with a driver that cloud kernels have. */
function configDrive(path: string): string[] {
  const node = { 'node-name': 'n-config', driver: 'raw', 'read-only': true, file: { driver: 'file', filename: path } }
  return [
    '-blockdev',
    JSON.stringify(node),
    '-device',
    'virtio-scsi-pci,id=scsi0',
    '-device',
    'scsi-cd,id=config,bus=scsi0.0,drive=n-config',
  ]
}

// What a fake guest's console shows: a boot that looks like one and says openly that it is none.

export interface BootLogOf {
  name: string
  vcpus: number
  ramMib: number
  imageId: string
  macs: string[]
  /** user data, keys and the like cannot run: nothing is behind this console */
  boots: { atMs: number; reason: string }[]
  nowMs: number
}

/** The whole console log since the guest was made; the last boot stands at its end. */
export function fakeBootLog(of: BootLogOf): string {
  return of.boots.flatMap((boot) => bootLines(of, boot)).join('\n') + (of.boots.length > 0 ? '\n' : '')
}

function bootLines(of: BootLogOf, boot: { atMs: number; reason: string }): string[] {
  const host = of.name.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
  const stamped = [
    `[    0.000000] Linux version 6.1.0-fake (this guest is fake: nothing runs here) #1 SMP`,
    `[    0.000000] Command line: console=ttyS0 root=/dev/vda1 image=${of.imageId}`,
    `[    0.004000] DMI: OpenStack Foundation OpenStack Nova (fake), BIOS fake`,
    `[    0.012000] smp: Brought up 1 node, ${of.vcpus} CPU${of.vcpus === 1 ? '' : 's'}`,
    `[    0.020000] Memory: ${of.ramMib * 1024}K/${of.ramMib * 1024}K available`,
    `[    0.100000] virtio_blk virtio0: [vda] fake disk`,
    ...of.macs.map((mac, n) => `[    0.12${n % 10}000] virtio_net virtio${n + 1}: eth${n} ${mac}`),
    `[    0.200000] EXT4-fs (vda1): mounted filesystem`,
  ]
  const done = [
    `fake: ${boot.reason} at ${new Date(boot.atMs).toISOString()}`,
    `cloud-init (fake): datasource OpenStack, finished`,
    ``,
    `Fake guest on ${host} ttyS0: the drivers of this cloud are fake`,
    ``,
    `${host} login: `,
  ]
  return [...stamped, ...done]
}

/** The last `lines` lines, as Nova's console-log cuts it; undefined: everything, at most 1 MiB. */
export function lastLines(text: string, lines: number | undefined, maxBytes = 1_048_576): string {
  const kept = text.length > maxBytes ? text.slice(text.length - maxBytes) : text
  if (lines === undefined || lines < 0) return kept
  if (lines === 0) return ''
  const parts = kept.split('\n')
  const closed = parts.at(-1) === ''
  if (closed) parts.pop()
  return parts.slice(-lines).join('\n') + (closed ? '\n' : '')
}

// Disks that a running guest has open: every change of one goes through its QEMU.
import { relative } from 'node:path'
import type { LiveDisks } from '../live-disks.ts'
import { backupDisk } from './backup.ts'
import { nodeName } from './machine.ts'
import { absolutePath } from './observe.ts'
import type { QemuContext } from './qemu-context.ts'
import { readState } from './state.ts'

/** Does the work in the guest's turn. */
type Turn = <T>(id: string, work: () => Promise<T>) => Promise<T>

export const liveDisksOf = ({ engine, clock }: QemuContext, turn: Turn): LiveDisks => ({
  async use(path, work) {
    for (const id of engine.live.keys()) {
      const dir = engine.dirOf(id)
      const disk = (await readState(dir))?.machine?.disks.find((each) => absolutePath(dir, each.path) === path)
      if (!disk) continue
      return turn(id, async () => {
        const guest = engine.live.get(id)
        if (!guest) return undefined
        const { qmp } = guest
        const device = nodeName(disk.id)
        return {
          result: await work({
            resize: async (size) => void (await qmp.execute('block_resize', { 'node-name': device, size })),
            snapshot: async (name) => void (await qmp.execute('blockdev-snapshot-internal-sync', { device, name })),
            removeSnapshot: async (name) => void (await qmp.execute('blockdev-snapshot-delete-internal-sync', { device, name })),
            copyTo: (target, call) =>
              backupDisk(guest, { deviceId: disk.id, target: { ...target, path: relative(dir, target.path) }, clock, call }),
          }),
        }
      })
    }
    return undefined
  },
})

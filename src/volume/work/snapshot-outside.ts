// Takes and removes snapshots in a volume's file that this domain keeps no rows of (compute's assisted snapshots). The host lists them
// among what could be managed.
import { HostError } from '../../contract/call.ts'
import { volumeSaga } from './volume-saga.ts'

export interface SnapshotOutsideData {
  volumeId: string
  projectId: string
  host: string
  /** what it is called in the file */
  name: string
  remove: boolean
}

export const snapshotOutsideSaga = volumeSaga<SnapshotOutsideData>({
  name: 'snapshot-outside',
  of: 'volume',
  action: 'assisted-snapshot',
  details: ({ name, remove }) => ({ name, remove }),
  steps: [
    {
      name: 'snapshot',
      async run({ ctx, call }, { host, volumeId, name, remove }) {
        const { volumes } = ctx.hosts.get(host)
        if (!remove) {
          await volumes.snapshot(volumeId, name, call)
          return volumes.releaseSnapshot(volumeId, name, call)
        }
        await volumes.adoptSnapshot(volumeId, { snapshotId: name, name }, call).catch((error: unknown) => {
          // it is gone already
          if (!(error instanceof HostError && error.code === 'not_found')) throw error
        })
        await volumes.removeSnapshot(volumeId, name, call)
      },
    },
  ],
})

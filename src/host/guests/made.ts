// What a spec makes a guest of, by ids: for reports, and to tell what cannot change while it runs.
import type { GuestReport, GuestSpec } from '../../contract/guests.ts'

/** Volumes, the root volume among them, ports, and the images that its disks stand on. */
export function madeOf({
  root,
  rescue,
  volumes,
  ports,
}: Pick<GuestSpec, 'root' | 'rescue' | 'volumes' | 'ports'>): NonNullable<GuestReport['made']> {
  return {
    volumeIds: [...(root.kind === 'volume' ? [root.volumeId] : []), ...volumes.map(({ volumeId }) => volumeId)],
    portIds: ports.map(({ portId }) => portId),
    imageIds: [...(root.kind === 'image' ? [root.imageId] : []), ...(rescue ? [rescue.imageId] : [])],
  }
}

type Disks = Pick<GuestSpec, 'root' | 'rescue'>
const rootOf = ({ root }: Disks) => (root.kind === 'image' ? `${root.imageId} ${root.epoch}` : root.volumeId)

/** True when the change cannot reach a running guest: another root disk, or rescue begun or ended. */
export const mustRestart = (before: Disks, spec: Disks): boolean =>
  rootOf(before) !== rootOf(spec) || before.rescue?.imageId !== spec.rescue?.imageId

// What a spec makes a guest of, by ids: for reports.
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

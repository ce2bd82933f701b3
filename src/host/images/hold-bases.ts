// Holds the images that a guest's own disks stand on, while it is made so.
import type { GuestSpec } from '../../contract/guests.ts'
import type { Call } from '../../contract/call.ts'
import type { BaseImage, LocalImages } from './local-images.ts'

/** Runs `work` with the base of each image that the spec names; they stay in the cache until it is written down that disks stand on them. */
export function holdBases(
  images: LocalImages,
  spec: Pick<GuestSpec, 'root' | 'rescue'>,
  of: { call: Call; work: (bases: Map<string, BaseImage>) => Promise<void> },
): Promise<void> {
  const ids = [...(spec.root.kind === 'image' ? [spec.root.imageId] : []), ...(spec.rescue ? [spec.rescue.imageId] : [])]
  const bases = new Map<string, BaseImage>()
  const withRest = ([id, ...rest]: string[]): Promise<void> =>
    id === undefined ? of.work(bases) : images.hold(id, of.call, (base) => (bases.set(id, base), withRest(rest)))
  return withRest(ids)
}

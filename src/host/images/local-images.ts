// The image cache as the host's own drivers use it: control's calls (contract/images.ts) and one that only makes sense on the host.
import type { ImageCache } from '../../contract/images.ts'
import type { Call } from '../../contract/call.ts'
import type { DiskFile } from '../disk-image.ts'

/** A base image with its size, as the image cache hands it out. */
export interface BaseImage extends DiskFile {
  virtualSizeBytes: number
}

export interface LocalImages extends ImageCache {
  /** Like `ensure`, and the image stays in the cache while `work` runs, though no disk stands on it yet. */
  hold<T>(imageId: string, call: Call, work: (base: BaseImage) => Promise<T>): Promise<T>
}

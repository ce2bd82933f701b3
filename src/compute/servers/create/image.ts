// The image that a server is to be made of: it must be active and a disk, and the flavor must hold what it needs.
import { imageGet, whyNoDisk, type ImageFacts } from '../../../image/index.ts'
import type { Context } from '../../../platform/context.ts'
import { ApiError, badRequest, forbidden } from '../../../platform/errors.ts'
import type { ServerFlavor } from '../store/servers.ts'

/** The active image that a request names. */
export async function imageForServer(ctx: Context, id: string, missing = 'Can not find requested image'): Promise<ImageFacts> {
  const image = await imageGet(ctx, id).catch((error: unknown) => {
    throw error instanceof ApiError && (error.code === 'not_found' || error.code === 'forbidden') ? badRequest(missing) : error
  })
  if (image.status !== 'active') throw badRequest(`Image ${id} is not active.`)
  const unfit = image.properties['block_device_mapping'] === undefined ? whyNoDisk(image) : null
  if (unfit !== null) throw badRequest(unfit)
  return image
}

const GiB = 2 ** 30

export interface Fit {
  image: ImageFacts | null
  flavor: ServerFlavor
  /** the root disk is a volume, of this size when it is to be made */
  rootVolume: { sizeGib: number | null } | null
}

/** The flavor must hold what the image needs. */
export function assertFits(ctx: Context, { image, flavor, rootVolume }: Fit): void {
  if (!image) return
  if (flavor.ramMib < image.minRamMib) throw badRequest("Flavor's memory is too small for requested image.")
  if (rootVolume) {
    if (rootVolume.sizeGib !== null && image.minDiskGib > rootVolume.sizeGib) {
      throw badRequest(
        `Volume is smaller than the minimum size specified in image metadata. Volume size is ${rootVolume.sizeGib * GiB} bytes, minimum size is ${image.minDiskGib * GiB} bytes.`,
      )
    }
    return
  }
  const diskBytes = flavor.rootGib * GiB
  if (diskBytes === 0) {
    if (!ctx.allows(undefined, 'os_compute_api:servers:create:zero_disk_flavor'))
      throw forbidden('Only volume-backed servers are allowed for flavors with zero disk.')
    return
  }
  if ((image.sizeBytes ?? 0) > diskBytes)
    throw badRequest(
      `Flavor's disk is too small for requested image. Flavor disk is ${diskBytes} bytes, image is ${image.sizeBytes} bytes.`,
    )
  if (image.minDiskGib * GiB > diskBytes) {
    throw badRequest(
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${diskBytes} bytes, minimum size is ${image.minDiskGib * GiB} bytes.`,
    )
  }
}

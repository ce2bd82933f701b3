// What must hold before a server is built or rebuilt: the image and the flavor fit, the zone exists, metadata and
// injected files are within limits. All of it before the transaction; what must be true with the row stands there.
import { imageGet, whyNoDisk, type ImageFacts } from '../image/index.ts'
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest, forbidden } from '../platform/errors.ts'
import { quotaLimits } from '../platform/quota.ts'
import { computeQuotas } from './quota.ts'
import { flavorAccessHas, flavorFetch } from './store/flavors.ts'
import { keypairFetch } from './store/keypairs.ts'
import type { ServerFlavor } from './store/servers.ts'

/** The flavor that a request names, as the server will keep it. */
export async function flavorForServer(ctx: Context, id: string): Promise<ServerFlavor> {
  const row = await flavorFetch(ctx.db, id)
  const hidden =
    !row ||
    row.disabled === 1 ||
    (row.is_public === 0 && !ctx.allows({}, 'context_is_admin') && !(await flavorAccessHas(ctx.db, id, ctx.projectId)))
  if (hidden) throw badRequest(`Flavor ${id} could not be found.`)
  return {
    id: row.id,
    name: row.name,
    vcpus: row.vcpus,
    ramMib: row.memory_mb,
    rootGib: row.root_gb,
    ephemeralGib: row.ephemeral_gb,
    swapMib: row.swap,
    rxtxFactor: row.rxtx_factor,
    extraSpecs: JSON.parse(row.extra_specs) as Record<string, string>,
  }
}

/** The active image that a request names. */
export async function imageForServer(ctx: Context, id: string, missing = 'Can not find requested image'): Promise<ImageFacts> {
  const image = await imageGet(ctx, id).catch((error: unknown) => {
    throw error instanceof ApiError && (error.status === 404 || error.status === 403) ? badRequest(missing) : error
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

/** The user's public key by its name; keys are copied into the server. */
export async function keyForServer(
  ctx: Context,
  name: string | null | undefined,
  userId = ctx.actor.userId,
): Promise<{ name: string; data: string } | null> {
  if (name === null || name === undefined) return null
  const row = await keypairFetch(ctx.db, userId, name)
  if (!row) throw badRequest('Invalid key_name provided.')
  return { name: row.name, data: row.public_key }
}

export interface InjectedFile {
  path: string
  contents: string
}

/** Nova's limits on what a request may carry. */
export async function assertWithinItemLimits(
  ctx: Context,
  { metadata, files }: { metadata: Record<string, string>; files: InjectedFile[] },
): Promise<void> {
  const count = Object.keys(metadata).length
  if (count === 0 && files.length === 0) return
  const limits = await quotaLimits(ctx.db, 'compute', ctx.projectId, computeQuotas)
  const beyond = (resource: string, value: number) => (limits[resource] ?? -1) >= 0 && value > (limits[resource] ?? -1)
  if (beyond('metadata_items', count)) throw forbidden(`Maximum number of metadata items exceeds ${limits['metadata_items']}`)
  if (beyond('injected_files', files.length)) throw forbidden('Personality file limit exceeded')
  if (files.some(({ path }) => beyond('injected_file_path_bytes', path.length)))
    throw forbidden(`Personality file path exceeds maximum ${limits['injected_file_path_bytes']}`)
  if (files.some(({ contents }) => beyond('injected_file_content_bytes', Buffer.byteLength(contents, 'base64')))) {
    throw forbidden(`Personality file content exceeds maximum ${limits['injected_file_content_bytes']}`)
  }
}

/** 'zone', 'zone:host', 'zone::node', 'zone:host:node': naming a host is for admins. */
export function parseZone(text: string | undefined): { zone: string | null; host: string | null } {
  if (text === undefined) return { zone: null, host: null }
  const parts = text.split(':')
  if (parts.length > 3) throw badRequest('Invalid input received: Unable to parse availability_zone')
  const [zone = '', host = '', node = ''] = parts
  return { zone: zone === '' ? null : zone, host: host || node || null }
}

/** A host name out of a server's name: RFC 1123, at most 63 characters. */
export function hostnameOf(name: string): string {
  const ascii = [...name]
    .filter((character) => character.charCodeAt(0) < 256)
    .join('')
    .slice(0, 63)
  return ascii
    .replace(/[ _.]/g, '-')
    .replace(/[^\w.\-\u00c0-\u00ff]+/g, '')
    .toLowerCase()
    .replace(/^[.-]+|[.-]+$/g, '')
}

// The real image cache: base images as files, fetched once, verified and inspected before they get their name. Guests'
// overlays stand on them, so a file never changes, and goes only when no disk needs it. The directory is the cache's own.
import { createWriteStream } from 'node:fs'
import { chmod, chown, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import type { ImageSource } from '../../contract/images.ts'
import { type Call, HostError } from '../../contract/call.ts'
import { syncDirectory, syncFile } from '../../platform/durable-file.ts'
import { makeDirectory, writeDurably } from '../guests/state.ts'
import { fileFailure, type GuestUser } from '../tools.ts'
import { createHolds } from './holds.ts'
import type { LocalImages } from './local-images.ts'
import { createOnce } from './once.ts'
import { convertible, convertImage } from './convert.ts'
import { fileBytes } from '../../platform/disk-image/bytes.ts'
import { inspectWhole } from '../../platform/disk-image/inspect-whole.ts'
import { baseFormat, receiveImage } from './receive.ts'

export interface ImageFilesOptions {
  /** <dataDir>/hypervisor/bases */
  directory: string
  source: ImageSource
  clock: Clock
  /** whoever is in its group must be able to read the files */
  user: GuestUser | null
  /** images that some disk stands on */
  inUse: () => Promise<string[]>
}

interface CachedImage {
  format: 'raw' | 'qcow2'
  virtualSizeBytes: number
}

const factsEnding = '.json'

/** The cache; files of a fetch or a removal that broke off are taken away first. */
export async function createImageFiles({ directory, source, clock, user, inUse }: ImageFilesOptions): Promise<LocalImages> {
  await makeDirectory(directory)
  await removeHalves(directory)
  const once = createOnce<CachedImage>()
  const holds = createHolds()
  const fileOf = (imageId: string, format: string) => join(directory, `${imageId}.${format}`)
  const factsOf = (imageId: string) => join(directory, `${imageId}${factsEnding}`)

  const load = async (imageId: string): Promise<CachedImage | null> => {
    try {
      return JSON.parse(await readFile(factsOf(imageId), 'utf8')) as CachedImage
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }
  const fetch = async (imageId: string, call: Call): Promise<CachedImage> => {
    const part = join(directory, `${imageId}.part`)
    const converted = join(directory, `${imageId}.converted`)
    try {
      const { diskFormat, virtualSizeBytes } = await receiveImage(source, imageId, {
        sink: () => createWriteStream(part, { mode: 0o640 }),
        call,
        clock,
      })
      await inspectFile(part, imageId, diskFormat)
      const cached: CachedImage = { format: baseFormat(diskFormat), virtualSizeBytes }
      const isConverted = diskFormat in convertible
      if (isConverted) cached.virtualSizeBytes = await convertImage({ from: part, to: converted, format: diskFormat, user }, call)
      const base = isConverted ? converted : part
      await chmod(base, 0o640)
      if (user) await chown(base, 0, user.gid)
      await syncFile(base)
      await rename(base, fileOf(imageId, cached.format))
      await writeDurably(factsOf(imageId), JSON.stringify(cached)) // last: an image without its facts does not count
      return cached
    } catch (error) {
      await rm(converted, { force: true })
      throw fileFailure(error)
    } finally {
      await rm(part, { force: true })
    }
  }
  const hold: LocalImages['hold'] = async (imageId, call, work) => {
    if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(imageId)) throw new HostError('not_found', 'an image has an id that is none')
    return holds.hold(imageId, async () => {
      const cached = (await load(imageId)) ?? (await once(imageId, call, () => fetch(imageId, call)))
      const now = new Date(clock.nowMs())
      await utimes(factsOf(imageId), now, now) // when it was asked for last
      return work({ path: fileOf(imageId, cached.format), ...cached })
    })
  }
  return {
    hold,
    ensure: (imageId, call) => hold(imageId, call, async (base) => base),
    async list() {
      const names = (await readdir(directory)).filter((name) => name.endsWith(factsEnding)).sort()
      return Promise.all(
        names.map(async (name) => ({
          imageId: name.slice(0, -factsEnding.length),
          idleMs: clock.nowMs() - (await stat(join(directory, name))).mtimeMs,
        })),
      )
    },
    forget: (imageIds) =>
      holds.claim(imageIds, async (free) => {
        const used = new Set(await inUse())
        const unused = free.filter((each) => !used.has(each))
        for (const imageId of unused) {
          const cached = await load(imageId)
          await rm(factsOf(imageId), { force: true }) // first: without its facts an image does not count
          if (cached) await rm(fileOf(imageId, cached.format), { force: true })
        }
        await syncDirectory(directory)
        return imageIds.filter((each) => !unused.includes(each))
      }),
  }
}

/** What lies behind the head: it was inspected when it was uploaded, perhaps by an earlier version. */
async function inspectFile(path: string, imageId: string, diskFormat: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    const { faults } = await inspectWhole(fileBytes(handle, (await handle.stat()).size), diskFormat)
    if (faults.length > 0) throw new HostError('bad_image', `the image ${imageId} is refused: ${faults.join('; ')}`)
  } finally {
    await handle.close()
  }
}

/** What has no facts was never whole, or is no more. */
async function removeHalves(directory: string): Promise<void> {
  const names = new Set(await readdir(directory))
  const factsOf = (name: string) => `${name.slice(0, name.lastIndexOf('.'))}${factsEnding}`
  for (const name of names) if (!names.has(factsOf(name))) await rm(join(directory, name), { force: true })
}

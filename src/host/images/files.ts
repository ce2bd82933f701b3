// The real image cache: base images as files, fetched once, verified and inspected before they get their name. Guests'
// overlays stand on them, so a file never changes; prune takes away those that no disk needs.
import { createWriteStream } from 'node:fs'
import { chmod, chown, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Call, HostError, type ImageCache, type ImageSource } from '../contract.ts'
import { makeDirectory, syncDirectory, writeDurably } from '../guests/state.ts'
import { fileFailure, type GuestUser } from '../tools.ts'
import { createOnce } from './once.ts'
import { receiveImage } from './receive.ts'

export interface ImageFilesOptions {
  /** <dataDir>/images */
  directory: string
  source: ImageSource
  /** who must be able to read the files */
  user: GuestUser | null
  /** images that some disk stands on */
  inUse: () => Promise<string[]>
}

interface CachedImage {
  format: 'raw' | 'qcow2'
  virtualSizeBytes: number
}

/** The cache; files of a fetch that broke off are taken away first. */
export async function createImageFiles({ directory, source, user, inUse }: ImageFilesOptions): Promise<ImageCache> {
  await makeDirectory(directory)
  for (const name of await readdir(directory)) if (/\.(part|new)$/.test(name)) await rm(join(directory, name), { force: true })
  const once = createOnce<CachedImage>()
  const fileOf = (imageId: string, format: string) => join(directory, `${imageId}.${format}`)
  const factsOf = (imageId: string) => join(directory, `${imageId}.json`)

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
    try {
      const received = await receiveImage(source, imageId, { sink: createWriteStream(part, { mode: 0o640 }), call })
      await chmod(part, 0o640)
      if (user) await chown(part, 0, user.gid)
      const handle = await open(part, 'r')
      await handle.sync()
      await handle.close()
      await rename(part, fileOf(imageId, received.format))
      const cached = { format: received.format, virtualSizeBytes: received.virtualSizeBytes }
      await writeDurably(factsOf(imageId), JSON.stringify(cached)) // last: an image without its facts does not count
      return cached
    } catch (error) {
      await rm(part, { force: true })
      throw fileFailure(error)
    }
  }
  return {
    async ensure(imageId, call) {
      if (!/^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/.test(imageId)) throw new HostError('not_found', 'an image has an id that is none')
      const cached = (await load(imageId)) ?? (await once(imageId, call, () => fetch(imageId, call)))
      return { path: fileOf(imageId, cached.format), ...cached }
    },
    async list() {
      const names = await readdir(directory)
      return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).sort()
    },
    async prune(keep) {
      const kept = new Set([...keep, ...(await inUse())])
      const gone = (await readdir(directory)).filter((name) => /\.(json|raw|qcow2)$/.test(name) && !kept.has(name.slice(0, name.lastIndexOf('.'))))
      // the facts first: without them the rest is only a file
      for (const name of gone.sort((a) => (a.endsWith('.json') ? -1 : 1))) await rm(join(directory, name), { force: true })
      await syncDirectory(directory)
    },
  }
}

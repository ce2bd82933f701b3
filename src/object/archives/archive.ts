// The files of a tar archive, packed or not, as it comes: nothing of it is held but one chunk, and no header may be long.
import { createGunzip } from 'node:zlib'
import { pipeline, type Readable } from 'node:stream'
import { extract, type Extract, type Header } from 'tar-stream'
import { bunzipped } from './backends/bunzip.ts'

export type Packing = 'none' | 'gzip' | 'bzip2'

export class ArchiveFault extends Error {}

/** A regular file; the next one comes when its bytes were read, or skipped. */
export interface ArchiveFile {
  /** null: not UTF-8 */
  name: string | null
  bytes: number
  /** extended attributes and the like, by their names in the archive */
  attributes: Record<string, string>
  content: AsyncGenerator<Buffer>
}

export async function* filesOf(body: Readable, packing: Packing): AsyncGenerator<ArchiveFile> {
  // names as bytes: what is not UTF-8 must not be taken for something else
  const options = { highWaterMark: 65_536, filenameEncoding: 'latin1' }
  const archive = extract(options)
  const feeding = feed(archive, unpacked(body, packing))
  try {
    for await (const entry of archive) {
      const { header } = entry
      const content = contentOf(entry)
      if (isFile(header)) yield { name: nameOf(header), bytes: header.size, attributes: attributesOf(header), content: content.reader }
      await content.skip()
    }
  } catch (error) {
    throw faultOf(error)
  } finally {
    archive.destroy()
    await feeding
  }
}

const isFile = ({ type }: Header): boolean => type === 'file' || type === 'contiguous-file'

/** What goes wrong while an archive is read is its own fault, unless it is the connection's or ours. */
function faultOf(error: unknown): unknown {
  const isForeign = error instanceof ArchiveFault || error instanceof TypeError || (error as NodeJS.ErrnoException).code === 'ECONNRESET'
  return isForeign ? error : new ArchiveFault((error as Error).message, { cause: error })
}

function unpacked(body: Readable, packing: Packing): AsyncIterable<Uint8Array> {
  if (packing === 'bzip2') return bunzipped(body)
  if (packing === 'none') return body
  const gunzip = createGunzip()
  // what goes wrong on either side ends the reading of the other
  pipeline(body, gunzip, () => undefined)
  return gunzip
}

/** Gives the archive its bytes, no faster than it takes them. */
async function feed(archive: Extract, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of bytes) {
      if (archive.destroyed) return
      if (!archive.write(chunk)) await taken(archive)
    }
    archive.end(null)
  } catch (error) {
    archive.destroy(error as Error)
  }
}

const taken = (archive: Extract): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      archive.off('drain', done).off('close', done)
      resolve()
    }
    archive.on('drain', done).on('close', done)
  })

/** A file's bytes. Who stops reading them does not end the archive: the rest is skipped. */
function contentOf(entry: AsyncIterable<unknown>) {
  const source = entry[Symbol.asyncIterator]()
  const next = async (): Promise<Buffer | null> => {
    try {
      const { value, done } = await source.next()
      return done ? null : (value as Buffer)
    } catch (error) {
      throw faultOf(error)
    }
  }
  async function* reader(): AsyncGenerator<Buffer> {
    for (let chunk = await next(); chunk; chunk = await next()) yield chunk
  }
  return {
    reader: reader(),
    skip: async () => {
      while (await next());
    },
  }
}

/** What an extended header says of the file: its longer name, and attributes of whoever packed it. */
const attributesOf = ({ pax }: Header): Record<string, string> => (pax ?? {}) as Record<string, string>

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function nameOf(header: Header): string | null {
  const { name } = header
  // such a name was UTF-8 already
  if (attributesOf(header)['path'] !== undefined) return name
  try {
    return utf8.decode(Buffer.from(name, 'latin1'))
  } catch {
    return null
  }
}

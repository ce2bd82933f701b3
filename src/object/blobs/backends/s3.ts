// Blobs in a bucket of somebody else's S3, key <yyyymmddhh>/<uuid>. What fits into one piece is one signed PUT, more goes as a multipart
// upload, piece by piece: no length need be known before. What is acknowledged there is durable there.
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../../platform/clock.ts'
import type { Source } from '../../../platform/bytes/read.ts'
import { assert } from '../../../platform/errors.ts'
import { BlobMissing, type BlobDriver, type BlobName, type BlobWriter } from './driver.ts'
import { s3Requests, type S3Bucket, type S3Requests } from './s3-requests.ts'

/** the least that S3 allows of a part: a stream holds one of them in memory */
const partBytes = 5 * 2 ** 20
const quarantined = 'quarantine'
const hour = /^\d{10}$/
/** what keys hold has none of the signs that XML would escape */
const elements = { Key: /<Key>([^<]*)<\/Key>/g, Prefix: /<Prefix>([^<]*)<\/Prefix>/g, UploadId: /<UploadId>([^<]*)<\/UploadId>/g }
const valuesOf = (xml: string, name: keyof typeof elements): string[] => [...xml.matchAll(elements[name])].map(([, value]) => value ?? '')

/** what S3 lists at most at a time */
const usualPage = 1_000

export function s3Blobs(bucket: S3Bucket, clock: Clock, keysAPage = usualPage): BlobDriver {
  const s3 = s3Requests(bucket, clock)
  const keyOf = ({ id, directory }: BlobName) => `${directory}/${id}`
  const asideOf = ({ id }: BlobName) => `${quarantined}/${id}`

  async function* listed(query: Record<string, string>, name: 'Key' | 'Prefix'): AsyncGenerator<string> {
    for (let marker = ''; ;) {
      const { text } = await s3.text({ method: 'GET', key: '', query: { ...query, marker, 'max-keys': String(keysAPage) } })
      // the request's own prefix is told outside of CommonPrefixes
      const found =
        name === 'Key'
          ? valuesOf(text, 'Key')
          : (text.match(/<CommonPrefixes>[^]*?<\/CommonPrefixes>/g) ?? []).flatMap((one) => valuesOf(one, 'Prefix'))
      yield* found
      const last = found.at(-1)
      if (!text.includes('<IsTruncated>true</IsTruncated>') || last === undefined) return
      marker = last
    }
  }

  return {
    place: 's3',
    create: async (name) => writerOf(s3, keyOf(name)),
    async open(name, { start, end }) {
      const answer = await s3.open({ method: 'GET', key: keyOf(name), headers: { range: `bytes=${start}-${end - 1}` } })
      if (answer.statusCode !== 404) return sourceOf(answer, start)
      answer.resume()
      throw new BlobMissing(`there is no key of blob ${name.id}`)
    },
    async remove(name) {
      await s3.text({ method: 'DELETE', key: keyOf(name) })
      await s3.text({ method: 'DELETE', key: asideOf(name) })
    },
    async stat(name) {
      const { status, headers } = await s3.text({ method: 'HEAD', key: keyOf(name) })
      return status === 404 ? null : Number(headers['content-length'])
    },
    async quarantine(name) {
      const source = `/${bucket.bucket}/${keyOf(name)}`
      const { status } = await s3.text({
        method: 'PUT',
        key: asideOf(name),
        headers: { 'x-amz-copy-source': source, 'content-length': '0' },
      })
      if (status !== 404) await s3.text({ method: 'DELETE', key: keyOf(name) })
    },
    async directories() {
      const found: string[] = []
      for await (const prefix of listed({ delimiter: '/', prefix: '' }, 'Prefix'))
        if (hour.test(prefix.slice(0, -1))) found.push(prefix.slice(0, -1))
      return found
    },
    async *list(directory) {
      for await (const key of listed({ prefix: `${directory}/` }, 'Key')) yield key.slice(directory.length + 1)
    },
    // a prefix is gone with its last key
    removeDirectory: async () => {},
    freeBytes: async () => null,
  }
}

/** Reads the answer's body in its order, whatever pieces it comes in. */
function sourceOf(answer: IncomingMessage, start: number): Source {
  const chunks = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let at = start
  let rest: Buffer = Buffer.alloc(0)
  return {
    async read(bytes, offset, length, position) {
      assert(position === at, 'a blob in a bucket is read in its order')
      if (rest.length === 0) {
        const next = await chunks.next()
        if (next.done) return { bytesRead: 0 }
        rest = next.value
      }
      const bytesRead = rest.copy(bytes, offset, 0, length)
      rest = rest.subarray(bytesRead)
      at += bytesRead
      return { bytesRead }
    },
    close: async () => void answer.destroy(),
  }
}

function writerOf(s3: S3Requests, key: string): BlobWriter {
  let part = Buffer.allocUnsafeSlow(partBytes)
  let filled = 0
  let uploadId: string | null = null
  const etags: string[] = []

  async function sendPart(): Promise<void> {
    if (uploadId === null) {
      const { text } = await s3.text({ method: 'POST', key, query: { uploads: '' } })
      uploadId = valuesOf(text, 'UploadId')[0] ?? null
      assert(uploadId !== null, 'the storage began no upload')
    }
    const query = { partNumber: String(etags.length + 1), uploadId }
    const { headers } = await s3.text({ method: 'PUT', key, query, body: part.subarray(0, filled) })
    etags.push(headers.etag ?? '')
    filled = 0
  }

  async function complete(): Promise<void> {
    assert(uploadId !== null, 'no upload was begun')
    const parts = etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`,
    )
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)
    const { status, text } = await s3.text({ method: 'POST', key, query: { uploadId }, body })
    // it may answer 200 and then say that it failed
    assert(status === 200 && !text.includes('<Error>'), `the storage did not complete an upload: ${text.slice(0, 300)}`)
  }

  return {
    async write(bytes, offset, length) {
      let done = 0
      while (done < length) {
        if (filled === partBytes) await sendPart()
        const taken = bytes.copy(part, filled, offset + done, offset + Math.min(length, done + partBytes - filled))
        filled += taken
        done += taken
      }
      return { bytesWritten: length }
    },
    // what the storage has acknowledged it has
    datasync: async () => {},
    async finish() {
      if (uploadId === null) {
        const { status, text } = await s3.text({ method: 'PUT', key, body: part.subarray(0, filled) })
        assert(status === 200, `the storage did not take a blob: ${text.slice(0, 300)}`)
      } else {
        if (filled > 0) await sendPart()
        await complete()
      }
      part = Buffer.alloc(0)
    },
    async abandon() {
      part = Buffer.alloc(0)
      if (uploadId !== null) await s3.text({ method: 'DELETE', key, query: { uploadId } })
      await s3.text({ method: 'DELETE', key })
    },
  }
}

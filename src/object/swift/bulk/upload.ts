// PUT ?extract-archive: each regular file of a tar archive becomes an object, in a container that is made when it is missing. A file's
// name is a name: `..` in it goes nowhere. What became of them stands in the body of an answer that says 200.
import { Readable } from 'node:stream'
import { table } from '../../../platform/table.ts'
import { discardBody, isSuccess, statusLine, type SwiftAnswer } from '../answer.ts'
import { livingBody } from '../heartbeat.ts'
import { inside } from '../inside.ts'
import { limits as swiftLimits } from '../limits.ts'
import { refusalAnswer, SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next } from '../steps.ts'
import { ArchiveFault, filesOf, type ArchiveFile, type Packing } from '../../archives/archive.ts'
import { resultTypeOf } from './delete.ts'
import { failedStatus, resultBody, type Failure } from './result.ts'

export interface Upload {
  next: Next
  packing: Packing
  limits: { containers: number; failures: number }
}

export async function bulkUpload(request: SwiftRequest, upload: Upload): Promise<SwiftAnswer> {
  const type = resultTypeOf(request)
  const extraction = new Extraction(request, upload)
  const body = extraction.run(type !== null).then((result) => resultBody(type ?? 'text/plain', { ...result, root: 'extract' }))
  return {
    status: 200,
    headers: { 'content-type': type ?? 'text/plain' },
    body: livingBody(request, body, { isXml: type?.endsWith('/xml') ?? false, atOnce: false }),
  }
}

/** Ends the whole upload with a status of its own. */
class Stop extends SwiftRefusal {
  readonly status: number
  constructor(status: number, text = '') {
    super(status, text)
    this.status = status
  }
}

class Extraction {
  readonly #request: SwiftRequest
  readonly #upload: Upload
  readonly #failures: Failure[] = []
  readonly #statuses: number[] = []
  readonly #known = new Set<string>()
  #created = 0
  #containers = 0

  constructor(request: SwiftRequest, upload: Upload) {
    this.#request = request
    this.#upload = upload
  }

  async run(isAcceptable: boolean) {
    try {
      if (!isAcceptable) throw new Stop(406)
      if (!this.#request.saysLength) throw new Stop(411)
      for await (const file of filesOf(this.#request.body(), this.#upload.packing)) {
        await this.#put(file)
        if (this.#failures.length >= this.#upload.limits.failures) break
      }
      return this.#result(this.#failures.length > 0 ? failedStatus(this.#statuses) : statusLine(this.#created > 0 ? 201 : 400))
    } catch (thrown) {
      if (thrown instanceof ArchiveFault) return this.#result(statusLine(400), `Invalid Tar File: ${thrown.message}`)
      const refusal = refusalAnswer(thrown)
      if (!refusal) this.#request.platform.log.error({ request: this.#request.transId, err: thrown }, 'a bulk upload failed')
      return this.#result(statusLine(refusal?.status ?? 500), typeof refusal?.body === 'string' ? refusal.body : '')
    }
  }

  #result(status: string, text?: string) {
    const isNothing = this.#created === 0 && this.#failures.length === 0
    const facts = {
      'Response Status': status,
      'Response Body': text ?? (isNothing ? 'Invalid Tar File: No Valid Files' : ''),
      'Number Files Created': this.#created,
    }
    return { facts, failures: this.#failures }
  }

  async #put(file: ArchiveFile): Promise<void> {
    if (file.name === null) return this.#failed('(not UTF-8)', 412)
    const place = this.#placeOf(file.name)
    if (!place) return
    const { container, object } = place
    const name = `${container}/${object}`
    if (name.includes('\0')) return this.#failed(name, 412)
    if (file.bytes > swiftLimits.maxFileBytes) return this.#failed(name, 413)
    const refused = await this.#containerMade(container)
    const made = await this.#upload.next(this.#requestFor(file, container, object))
    discardBody(made)
    if (isSuccess(made)) return void this.#created++
    if (refused !== null) this.#failures.push([container, statusLine(refused)])
    this.#failed(name, made.status)
    if (made.status === 401) throw new Stop(401)
  }

  #failed(name: string, status: number): void {
    this.#failures.push([name, statusLine(status)])
    this.#statuses.push(status)
  }

  /** Below what the request's path names; a file in no container is none of ours. */
  #placeOf(name: string): { container: string; object: string } | null {
    const { container, object } = this.#request
    const base = [container, object]
      .filter((part) => part !== null)
      .join('/')
      .replace(/\/+$/, '')
    const file = name.replace(/^\.\//, '').replace(/^\/+/, '')
    const path = base === '' ? file : `${base}/${file}`
    const slash = path.indexOf('/')
    if (slash <= 0 || slash === path.length - 1) return null
    return { container: path.slice(0, slash), object: path.slice(slash + 1) }
  }

  /** Makes the container when it is missing; the status when that was refused (an ACL may let one write into it all the same). */
  async #containerMade(container: string): Promise<number | null> {
    if (this.#known.has(container)) return null
    this.#known.add(container)
    const { next, limits } = this.#upload
    const head = await next(inside(this.#request, { method: 'HEAD', container, object: null }))
    if (isSuccess(head)) return null
    const made = head.status === 404 ? await next(inside(this.#request, { method: 'PUT', container, object: null })) : head
    discardBody(made)
    if (made.status === 401) throw new Stop(401)
    if (!isSuccess(made)) return made.status
    if (++this.#containers > limits.containers) throw new Stop(400, `More than ${limits.containers} containers to create from tar.`)
    return null
  }

  #requestFor({ attributes, content }: ArchiveFile, container: string, object: string): SwiftRequest {
    const request = this.#request
    const put = inside(request, { method: 'PUT', container, object, body: Readable.from(content, { objectMode: false }) })
    const own = Object.entries(request.headers).filter(([name]) => /^x-(?:delete-(?:at|after)$|object-meta-)/.test(name))
    return put.withHeaders({ ...Object.fromEntries(own), ...headersOfAttributes(attributes) })
  }
}

const attribute = /^(?:SCHILY|LIBARCHIVE)\.xattr\.user\.(mime_type|meta\.(.+))$/

/** Extended attributes that are a type, or metadata. */
function headersOfAttributes(attributes: Record<string, string>): Record<string, string> {
  const headers = table<string>()
  for (const [name, value] of Object.entries(attributes)) {
    const [, kind, key = ''] = attribute.exec(name) ?? []
    if (kind === 'mime_type') headers['content-type'] = value
    else if (kind !== undefined) headers[`x-object-meta-${key.toLowerCase()}`] = value
  }
  return headers
}

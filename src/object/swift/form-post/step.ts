// Uploads by a form in a browser: POST of multipart/form-data to a container or a prefix in it. The fields before a file say what may be
// uploaded until when, and a signature under the account's or the container's key says that somebody let it. Files come last.
import { Readable } from 'node:stream'
import { table } from '../../../platform/table.ts'
import { isSuccess, statusLine, swiftError, type SwiftAnswer } from '../answer.ts'
import { infoAdd } from '../info.ts'
import { inside } from '../inside.ts'
import { quoted } from '../path.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next, Step } from '../steps.ts'
import { isSignedBy, keysOf, signatureOf } from '../temp-url/signature.ts'
import { capped, fieldsAdd, FieldFault, formText, whole, type Fields } from './fields.ts'
import { FormFault, headerWithAttributes, partsOf, type Part } from './multipart.ts'

export const formPost: Step = async (request, next) => {
  const { method, headers, platform } = request
  if (method !== 'POST' || !platform.config.object.formPost) return next(request)
  const { value, attributes } = headerWithAttributes(headers['content-type'] ?? '')
  const { boundary } = attributes
  if (value !== 'multipart/form-data' || boundary === undefined) return next(request)
  try {
    return await new Form(request, next).read(boundary)
  } catch (thrown) {
    if (thrown instanceof FormFault || thrown instanceof FieldFault) return swiftError(400, `FormPost: ${thrown.message}`)
    if (thrown instanceof FormUnauthorized)
      return swiftError(401, `FormPost: ${thrown.message}`, { 'www-authenticate': 'Swift realm="unknown"' })
    throw thrown
  }
}

class FormUnauthorized extends Error {}

interface Outcome {
  status: number
  message: string
  /** of the last upload */
  answer?: SwiftAnswer
}

class Form {
  readonly #request: SwiftRequest
  readonly #next: Next
  readonly #fields: Fields = new Map()
  #files = 0

  constructor(request: SwiftRequest, next: Next) {
    this.#request = request
    this.#next = next
  }

  async read(boundary: string): Promise<SwiftAnswer> {
    let outcome: Outcome = { status: 400, message: 'no files to process' }
    for await (const part of partsOf(this.#request.body() as AsyncIterable<Buffer>, boundary)) {
      const { value, attributes } = headerWithAttributes(part.headers['content-disposition'] ?? '')
      const { name, filename } = attributes
      if (value !== 'form-data' || filename === undefined || filename === '') {
        await fieldsAdd(this.#fields, name, part.bytes)
        continue
      }
      if (++this.#files > whole(this.#fields, 'max_file_count')) {
        outcome = { status: 400, message: 'max file count exceeded' }
        break
      }
      const answer = await this.#upload(part, filename)
      outcome = { status: answer.status, message: '', answer }
      if (!isSuccess(answer)) break
    }
    return this.#answer(outcome)
  }

  async #upload(part: Part, filename: string): Promise<SwiftAnswer> {
    const maxBytes = whole(this.#fields, 'max_file_size')
    const headers = this.#headersOf(part)
    await this.#checkSignature()
    const { container, object } = this.#request
    const { account } = this.#request
    const caller = {
      kind: 'granted',
      by: 'formpost',
      mayDo: (asked: SwiftRequest) => asked.account === account && asked.container === container,
    } as const
    // what the form's path ends with is the beginning of the name, without anything between
    const put = inside(this.#request, { method: 'PUT', container, object: (object ?? '') + filename, caller })
    const body = Readable.from(capped(part.bytes, maxBytes), { objectMode: false })
    try {
      return await this.#next(put.withHeaders(headers).with({ body }))
    } finally {
      body.destroy()
    }
  }

  #headersOf({ headers }: Part): Record<string, string> {
    const fields = this.#fields
    const made = table<string>()
    for (const field of ['x_delete_at', 'x_delete_after'] as const)
      if (fields.has(field)) made[field.replaceAll('_', '-')] = String(whole(fields, field))
    const type = fields.get('content-type') ?? headers['content-type']
    const encoding = fields.get('content-encoding') ?? headers['content-encoding']
    if (type !== undefined) made['content-type'] = type === '' ? 'application/octet-stream' : type
    if (encoding !== undefined) made['content-encoding'] = encoding
    return made
  }

  async #checkSignature(): Promise<void> {
    const fields = this.#fields
    const { platform, path, doorPrefix, container } = this.#request
    if (whole(fields, 'expires') < platform.clock.nowMs() / 1000) throw new FormUnauthorized('Form Expired')
    const signature = signatureOf(fields.get('signature') ?? '')
    const isKnown = signature !== null && platform.config.object.tempUrlDigests.includes(signature.digest)
    if (!isKnown || container === null) throw new FormUnauthorized('Invalid Signature')
    const [account, row] = [await this.#request.accountRow(), await this.#request.containerRow()]
    const keys = [...keysOf(account?.metadata ?? {}, 'account'), ...keysOf(row?.metadata ?? {}, 'container')]
    const given = pathAsGiven(this.#request, path)
    const texts = [given, doorPrefix + given].map((each) => formText(each, fields))
    if (!keys.some((key) => texts.some((text) => isSignedBy(signature, text, key)))) throw new FormUnauthorized('Invalid Signature')
  }

  #answer({ status, message, answer }: Outcome): SwiftAnswer {
    const headers = Object.fromEntries(Object.entries(answer?.headers ?? {}).filter(([name]) => name.startsWith('access-control')))
    const redirect = this.#fields.get('redirect') ?? ''
    if (redirect === '') {
      const text = message === '' ? statusLine(status) : `${statusLine(status)}\r\nFormPost: ${titled(message)}`
      const body = answer && !isSuccess(answer) && typeof answer.body === 'string' ? answer.body : text
      return { status, headers: { ...headers, 'content-type': 'text/plain' }, body }
    }
    const location = `${redirect}${redirect.includes('?') ? '&' : '?'}status=${status}&message=${quoted(message)}`
    const link = location.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    return {
      status: 303,
      headers: { ...headers, location, 'content-type': 'text/html; charset=UTF-8' },
      body: `<html><body><p><a href="${link}">Click to continue...</a></p></body></html>`,
    }
  }
}

/** The path with the slash that it ended with. */
const pathAsGiven = ({ rawPath }: SwiftRequest, path: string): string => (rawPath.endsWith('/') && !path.endsWith('/') ? `${path}/` : path)

const titled = (text: string): string => text.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

infoAdd('formpost', ({ config }) => ({
  allowed_digests: [...config.object.tempUrlDigests].sort(),
  deprecated_digests: config.object.tempUrlDigests.filter((digest) => digest === 'sha1'),
}))

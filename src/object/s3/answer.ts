// How an answer of the S3 door is written: XML, bytes, or an error, always with the request's id. An answer to HEAD has no body.
import type { ServerResponse } from 'node:http'
import { sendBytes } from '../../platform/bytes/send.ts'
import { headerBytes, isHeaderName } from '../swift/header-names.ts'
import type { S3Error } from './errors.ts'
import type { S3Answer, Shown } from './operation.ts'
import { xml, xmlDocument } from './xml/write.ts'

export interface Asked {
  method: string
  requestId: string
  /** the path that an error names */
  resource: string
}

/** Writes the whole answer; rejects when the connection or the bytes break off. */
export async function answerWrite(response: ServerResponse, answer: S3Answer, asked: Asked): Promise<void> {
  const text = answer.xml && xmlDocument(answer.xml)
  const body = text === undefined ? answer.body : Buffer.from(text)
  const headers: Shown = {
    ...idHeaders(asked.requestId),
    ...(text !== undefined && { 'content-type': 'application/xml' }),
    ...answer.headers,
  }
  const status = answer.status ?? (body === undefined && asked.method === 'DELETE' ? 204 : 200)
  if (Buffer.isBuffer(body)) headers['content-length'] ??= String(body.length)
  else if (body === undefined && status !== 204 && status !== 304) headers['content-length'] ??= '0'
  response.writeHead(
    status,
    // metadata of forms and archives never was a header: what cannot be one is left out or encoded
    Object.entries(headers).flatMap(([name, value]): [string, string][] => (isHeaderName(name) ? [[shown(name), headerBytes(value)]] : [])),
  )
  if (body === undefined || asked.method === 'HEAD') {
    if (body !== undefined && !Buffer.isBuffer(body)) body.destroy()
    response.end()
    return
  }
  if (Buffer.isBuffer(body)) response.end(body)
  else await sendBytes(body, response)
}

export function errorAnswer(error: S3Error, { requestId, resource, method }: Asked): S3Answer {
  if (method === 'HEAD' || error.status === 304) return { status: error.status, headers: error.headers }
  const root = xml(
    'Error',
    xml('Code', error.code),
    xml('Message', error.message),
    Object.entries(error.facts).map(([name, value]) => xml(name, value)),
    xml('Resource', resource),
    xml('RequestId', requestId),
    xml('HostId', requestId),
  )
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: Buffer.from(xmlDocument(root, { namespace: false })),
  }
}

/** nosniff and the sandbox: the bytes are users', the origin is ours. */
const idHeaders = (requestId: string): Record<string, string> => ({
  'x-amz-request-id': requestId,
  'x-amz-id-2': requestId,
  server: 'Stackling',
  'x-content-type-options': 'nosniff',
})

/** ETag and Content-Type as everybody writes them; x-amz-* stay in small letters. */
const shown = (name: string): string =>
  name.startsWith('x-amz-') ? name : name === 'etag' ? 'ETag' : name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase())

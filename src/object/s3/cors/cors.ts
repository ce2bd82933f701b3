// CORS at the S3 door: the rules of a bucket, preflight requests, and the headers on every answer to a page of another origin.
import { containerUpdate } from '../../engine/index.ts'
import type { ContainerRow } from '../../store/tables.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf } from '../bucket-settings.ts'
import { S3Error } from '../errors.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import type { S3Request } from '../request.ts'
import { all, text, type XmlElement } from '../xml/read.ts'
import { xml } from '../xml/write.ts'
import { corsHeaders, corsMetadata, corsRuleFor, corsRulesOf, type CorsRule } from './rules.ts'

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']
const rulesAtMost = 100
const headerName = /^[\w!#$%&'*+.^`|~-]+$/

const rulesIn = (container: ContainerRow): CorsRule[] | undefined => corsRulesOf(container.metadata, settingsOf(container).cors)

async function corsPut(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket } = call
  const root = await xmlBody(call, { root: 'CORSConfiguration', maxBytes: 65_536 })
  const rules = all(root, 'CORSRule').map(ruleRead)
  if (rules.length === 0 || rules.length > rulesAtMost) throw new S3Error('MalformedXML')
  await containerUpdate(engine, { by, account: bucket.account, name: bucket.name, set: corsMetadata(rules), settings: { cors: rules } })
  return {}
}

function ruleRead(element: XmlElement): CorsRule {
  const texts = (name: string) => all(element, name).map((each) => each.text)
  const [origins, named] = [texts('AllowedOrigin'), texts('AllowedMethod')]
  if (origins.length === 0 || named.length === 0) throw new S3Error('MalformedXML')
  const wild = origins.find((origin) => origin.split('*').length > 2)
  if (wild !== undefined) throw new S3Error('InvalidRequest', `AllowedOrigin "${wild}" can not have more than one wildcard.`)
  const unknown = named.find((method) => !methods.includes(method))
  if (unknown !== undefined)
    throw new S3Error('InvalidRequest', `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`)
  const [headers, expose] = [texts('AllowedHeader'), texts('ExposeHeader')]
  const bad = [...headers, ...expose].find((name) => !headerName.test(name))
  if (bad !== undefined) throw new S3Error('InvalidRequest', `AllowedHeader "${bad}" contains invalid character.`)
  const [id, maxAge] = [text(element, 'ID'), text(element, 'MaxAgeSeconds')]
  if ((id?.length ?? 0) > 255 || (maxAge !== undefined && !/^-?\d{1,9}$/.test(maxAge))) throw new S3Error('MalformedXML')
  return {
    ...(id !== undefined && { id }),
    origins,
    methods: named,
    ...(headers.length > 0 && { headers }),
    ...(expose.length > 0 && { expose }),
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  }
}

async function corsGet({ bucket }: S3Call): Promise<S3Answer> {
  const rules = rulesIn(bucket.container)
  if (rules === undefined) throw new S3Error('NoSuchCORSConfiguration', undefined, { facts: { BucketName: bucket.name } })
  return { xml: xml('CORSConfiguration', rules.map(ruleView)) }
}

const ruleView = ({ id, headers = [], methods: named, origins, expose = [], maxAgeSeconds }: CorsRule) =>
  xml(
    'CORSRule',
    id !== undefined && xml('ID', id),
    headers.map((name) => xml('AllowedHeader', name)),
    named.map((method) => xml('AllowedMethod', method)),
    origins.map((origin) => xml('AllowedOrigin', origin)),
    expose.map((name) => xml('ExposeHeader', name)),
    maxAgeSeconds !== undefined && xml('MaxAgeSeconds', maxAgeSeconds),
  )

async function corsDelete({ engine, by, bucket }: S3Call): Promise<S3Answer> {
  await containerUpdate(engine, { by, account: bucket.account, name: bucket.name, set: corsMetadata([]), settings: { cors: null } })
  return { status: 204 }
}

/** What a page asks to send, in lower case. */
function headersAsked(request: S3Request): string[] {
  const asked = request.headers.get('access-control-request-headers') ?? ''
  if (asked.trim() === '') return []
  return asked.split(',').map((part) => {
    const name = part.trim()
    if (!headerName.test(name) || name.includes('*'))
      throw new S3Error('BadRequest', `Access-Control-Request-Headers "${part}" contains invalid character.`)
    return name.toLowerCase()
  })
}

/** A browser asks, without credentials, whether a page may send such a request. */
async function preflight({ request, bucket }: S3Call): Promise<S3Answer> {
  const origin = request.headers.get('origin')
  if (!origin) throw new S3Error('BadRequest', 'Insufficient information. Origin request header needed.')
  const method = request.headers.get('access-control-request-method') ?? ''
  if (!methods.includes(method)) throw new S3Error('BadRequest', `Invalid Access-Control-Request-Method: ${method}`)
  const headers = headersAsked(request)
  const rules = rulesIn(bucket.container)
  const facts = { Method: method, ResourceType: request.key === '' ? 'BUCKET' : 'OBJECT' }
  if (rules === undefined) throw new S3Error('AccessForbidden', 'CORSResponse: CORS is not enabled for this bucket.', { facts })
  const asked = { origin, method, headers }
  const rule = corsRuleFor(rules, asked)
  if (!rule) throw new S3Error('AccessForbidden', undefined, { facts })
  return { headers: corsHeaders(rule, asked) }
}

const namesIn = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

/** Headers of every answer, refusals too, to a request that names where its page is from. */
export function corsOnAnswer(request: S3Request, bucket: Bucket | null): Record<string, string> {
  const origin = request.headers.get('origin')
  const rules = bucket && rulesIn(bucket.container)
  if (!origin || !rules || request.method === 'OPTIONS') return {}
  const asked = {
    origin,
    method: request.headers.get('access-control-request-method') ?? request.method,
    headers: namesIn(request.headers.get('access-control-request-headers')),
  }
  const rule = corsRuleFor(rules, asked)
  return rule ? corsHeaders(rule, asked) : {}
}

const query = ['cors']
export const corsOperations: S3Operation[] = [
  { name: 'PutBucketCors', method: 'PUT', on: 'bucket', query, action: 's3:PutBucketCORS', handler: corsPut },
  { name: 'GetBucketCors', method: 'GET', on: 'bucket', query, action: 's3:GetBucketCORS', handler: corsGet },
  { name: 'DeleteBucketCors', method: 'DELETE', on: 'bucket', query, action: 's3:PutBucketCORS', handler: corsDelete },
  { name: 'PreflightBucket', method: 'OPTIONS', on: 'bucket', action: 's3:Preflight', asksItself: true, handler: preflight },
  { name: 'PreflightObject', method: 'OPTIONS', on: 'object', action: 's3:Preflight', asksItself: true, handler: preflight },
]

// Retention and legal hold of a version: put, get, what a write asks for in headers, and what reading shows.
import { retentionMayChange, retentionOf, type LockMode, type ObjectLock } from '../../access/index.ts'
import { objectUpdate } from '../../engine/index.ts'
import type { VersionRow } from '../../store/tables.ts'
import { ObjectRefusal } from '../../refusal.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf } from '../bucket-settings.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import { mayDo, permit } from '../permit.ts'
import { versionFind, versionHeader, versionPart } from '../versions.ts'
import { text } from '../xml/read.ts'
import { xml } from '../xml/write.ts'

const isMode = (word: string | undefined): word is LockMode => word === 'GOVERNANCE' || word === 'COMPLIANCE'

/** Does the request ask to bypass governance, and may it? */
async function bypassAsked(call: S3Call, object: VersionRow | null): Promise<boolean> {
  if (call.request.headers.get('x-amz-bypass-governance-retention')?.toLowerCase() !== 'true') return false
  return mayDo(call, { action: 's3:BypassGovernanceRetention', object })
}

/** DeleteObject and DeleteObjects: a retention of governance is no hindrance to whoever may bypass it and says so. */
export async function bypassOnDelete(call: S3Call): Promise<void> {
  call.mayBypassGovernance = await bypassAsked(call, null)
}

/** The version, in a bucket that locks. */
async function lockable(call: S3Call): Promise<VersionRow> {
  const object = await versionFind(call)
  await permit(call, { object })
  if (settingsOf(call.bucket.container).lock === undefined)
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration')
  return object
}

async function lockSet(call: S3Call, change: (lock: ObjectLock | undefined) => ObjectLock | undefined): Promise<void> {
  const { engine, by, bucket, key } = call
  await objectUpdate(engine, {
    by,
    account: bucket.account,
    container: bucket.name,
    name: key,
    ...versionPart(call),
    change: ({ system: { lock: before, ...system } }) => {
      const lock = change(before as ObjectLock | undefined)
      return { system: { ...system, ...(lock && { lock }) } }
    },
  })
}

async function retentionPut(call: S3Call): Promise<S3Answer> {
  await permit(call)
  const root = await xmlBody(call, { root: 'Retention' })
  const [mode, until] = [text(root, 'Mode'), text(root, 'RetainUntilDate')]
  const nowUs = call.engine.nowUs()
  const isCleared = mode === undefined && until === undefined
  if (!isCleared && (!isMode(mode) || until === undefined)) throw new S3Error('MalformedXML')
  const untilUs = until === undefined ? undefined : timeRead(until)
  if (untilUs !== undefined && untilUs <= nowUs) throw pastDate(until ?? '')
  const object = await lockable(call)
  const bypassGovernance = await bypassAsked(call, object)
  await lockSet(call, (before) => {
    const after: ObjectLock = isMode(mode) && untilUs !== undefined ? { mode, untilUs } : {}
    if (!retentionMayChange(before, after, { nowUs, bypassGovernance })) throw new ObjectRefusal('locked')
    return { ...(before?.hold && { hold: true }), ...after }
  })
  return { headers: versionHeader(call.bucket, object) }
}

/** A time in microseconds. */
function timeRead(word: string): number {
  const ms = /^\d{4}-\d\d-\d\dT/.test(word.trim()) ? Date.parse(word.trim()) : Number.NaN
  if (Number.isNaN(ms)) throw new S3Error('MalformedXML')
  return ms * 1000
}

const pastDate = (word: string): S3Error =>
  invalidArgument('x-amz-object-lock-retain-until-date', word, 'The retain until date must be in the future!')

async function retentionGet(call: S3Call): Promise<S3Answer> {
  const object = await lockable(call)
  const { mode, untilUs } = object.system.lock ?? {}
  if (mode === undefined || untilUs === undefined) throw new S3Error('NoSuchObjectLockConfiguration')
  return { headers: versionHeader(call.bucket, object), xml: xml('Retention', xml('Mode', mode), xml('RetainUntilDate', isoOf(untilUs))) }
}

const isoOf = (us: number): string => new Date(us / 1000).toISOString()

async function legalHoldPut(call: S3Call): Promise<S3Answer> {
  await permit(call)
  const status = text(await xmlBody(call, { root: 'LegalHold' }), 'Status')
  if (status !== 'ON' && status !== 'OFF') throw new S3Error('MalformedXML')
  const object = await lockable(call)
  await lockSet(call, (before) => ({ ...before, hold: status === 'ON' }))
  return { headers: versionHeader(call.bucket, object) }
}

async function legalHoldGet(call: S3Call): Promise<S3Answer> {
  const object = await lockable(call)
  const { hold } = object.system.lock ?? {}
  if (hold === undefined) throw new S3Error('NoSuchObjectLockConfiguration')
  return { headers: versionHeader(call.bucket, object), xml: xml('LegalHold', xml('Status', hold ? 'ON' : 'OFF')) }
}

/** Headers of a write: its own retention and hold, else the bucket's default. */
export async function lockOnWrite(call: S3Call, bucket: Bucket, draft: ObjectDraft): Promise<void> {
  const { headers } = call.request
  const [mode, until, hold] = ['mode', 'retain-until-date', 'legal-hold'].map((name) => headers.get(`x-amz-object-lock-${name}`))
  const { lock: ofBucket } = settingsOf(bucket.container)
  const isAsked = mode !== undefined || until !== undefined || hold !== undefined
  if (isAsked && ofBucket === undefined) throw new S3Error('InvalidRequest', 'Bucket is missing ObjectLockConfiguration')
  if (ofBucket === undefined) return
  const nowUs = call.engine.nowUs()
  const retention = retentionAsked(mode, until, nowUs) ?? (ofBucket.retention && retentionOf(ofBucket.retention, nowUs))
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF')
    throw invalidArgument('x-amz-object-lock-legal-hold', hold, "Legal Hold must be either of 'ON' or 'OFF'")
  if (mode !== undefined) await permit(call, { action: 's3:PutObjectRetention', bucket, object: null })
  if (hold !== undefined) await permit(call, { action: 's3:PutObjectLegalHold', bucket, object: null })
  if (retention || hold !== undefined) draft.system.lock = { ...retention, ...(hold !== undefined && { hold: hold === 'ON' }) }
}

function retentionAsked(mode: string | undefined, until: string | undefined, nowUs: number): ObjectLock | undefined {
  if (mode === undefined && until === undefined) return undefined
  if (mode === undefined || until === undefined) {
    throw new S3Error('InvalidArgument', 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied')
  }
  if (!isMode(mode)) throw invalidArgument('x-amz-object-lock-mode', mode, 'Unknown wormMode directive.')
  const ms = /^\d{4}-\d\d-\d\dT/.test(until) ? Date.parse(until) : Number.NaN
  if (Number.isNaN(ms)) {
    throw invalidArgument('x-amz-object-lock-retain-until-date', until, 'The retain until date must be provided in ISO 8601 format')
  }
  if (ms * 1000 <= nowUs)
    throw invalidArgument('x-amz-object-lock-retain-until-date', until, 'The retain until date must be in the future!')
  return { mode, untilUs: ms * 1000 }
}

export async function lockOnRead(call: S3Call, bucket: Bucket, object: VersionRow, headers: Record<string, string>): Promise<void> {
  const { mode, untilUs, hold } = object.system.lock ?? {}
  if (mode !== undefined && untilUs !== undefined && (await mayDo(call, { action: 's3:GetObjectRetention', bucket, object }))) {
    headers['x-amz-object-lock-mode'] = mode
    headers['x-amz-object-lock-retain-until-date'] = isoOf(untilUs)
  }
  if (hold !== undefined && (await mayDo(call, { action: 's3:GetObjectLegalHold', bucket, object }))) {
    headers['x-amz-object-lock-legal-hold'] = hold ? 'ON' : 'OFF'
  }
}

const retention = { on: 'object', query: ['retention'], asksItself: true } as const
const hold = { on: 'object', query: ['legal-hold'], asksItself: true } as const
export const objectLockOperations: S3Operation[] = [
  { name: 'PutObjectRetention', method: 'PUT', ...retention, action: 's3:PutObjectRetention', handler: retentionPut },
  { name: 'GetObjectRetention', method: 'GET', ...retention, action: 's3:GetObjectRetention', handler: retentionGet },
  { name: 'PutObjectLegalHold', method: 'PUT', ...hold, action: 's3:PutObjectLegalHold', handler: legalHoldPut },
  { name: 'GetObjectLegalHold', method: 'GET', ...hold, action: 's3:GetObjectLegalHold', handler: legalHoldGet },
]

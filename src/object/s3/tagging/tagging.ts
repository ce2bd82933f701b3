// Tags of buckets and objects.
import { tagPairsOf, tagsChecked, TagFault, type Tags } from '../../access/index.ts'
import { objectUpdate } from '../../engine/index.ts'
import type { ObjectRow, VersionRow } from '../../store/tables.ts'
import { xmlBody } from '../body/small.ts'
import { settingsOf, settingsSet } from '../bucket-settings.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { Bucket, S3Answer, S3Call, S3Operation } from '../operation.ts'
import { permit } from '../permit.ts'
import { versionFind, versionHeader, versionPart } from '../versions.ts'
import { all, one, text } from '../xml/read.ts'
import { xml, type Xml } from '../xml/write.ts'

async function tagsRead(call: S3Call, on: 'bucket' | 'object'): Promise<Tags> {
  const root = await xmlBody(call, { root: 'Tagging' })
  const pairs = all(one(root, 'TagSet'), 'Tag').map((tag): [string, string] => {
    const [key, value] = [text(tag, 'Key'), text(tag, 'Value')]
    if (key === undefined || value === undefined) throw new S3Error('MalformedXML')
    return [key, value]
  })
  return checked(() => tagsChecked(pairs, on))
}

/** What the rules for tags refuse, in S3's words. */
function checked(read: () => Tags): Tags {
  try {
    return read()
  } catch (error) {
    if (error instanceof TagFault) throw new S3Error(error.code, error.message, { cause: error })
    throw error
  }
}

const tagsView = (tags: Tags): Xml =>
  xml(
    'Tagging',
    xml(
      'TagSet',
      Object.entries(tags).map(([key, value]) => xml('Tag', xml('Key', key), xml('Value', value))),
    ),
  )

const bucketTaggingPut = async (call: S3Call): Promise<S3Answer> =>
  settingsSet(call, { tags: await tagsRead(call, 'bucket') }, { status: 204 })

async function bucketTaggingGet({ bucket }: S3Call): Promise<S3Answer> {
  const { tags } = settingsOf(bucket.container)
  if (tags === undefined) throw new S3Error('NoSuchTagSet', undefined, { facts: { BucketName: bucket.name } })
  return { xml: tagsView(tags) }
}

const bucketTaggingDelete = (call: S3Call): Promise<S3Answer> => settingsSet(call, { tags: null }, { status: 204 })

async function objectTagsSet(call: S3Call, tags: Tags | undefined): Promise<void> {
  const { engine, by, bucket, key } = call
  const change = ({ system: { tags: _before, ...system } }: ObjectRow) => ({ system: { ...system, ...(tags && { tags }) } })
  await objectUpdate(engine, { by, account: bucket.account, container: bucket.name, name: key, ...versionPart(call), change })
}

async function objectTaggingPut(call: S3Call): Promise<S3Answer> {
  const object = await versionFind(call)
  await permit(call, { object })
  await objectTagsSet(call, await tagsRead(call, 'object'))
  return { headers: versionHeader(call.bucket, object) }
}

async function objectTaggingGet(call: S3Call): Promise<S3Answer> {
  const object = await versionFind(call)
  await permit(call, { object })
  return { headers: versionHeader(call.bucket, object), xml: tagsView(object.system.tags ?? {}) }
}

async function objectTaggingDelete(call: S3Call): Promise<S3Answer> {
  const object = await versionFind(call)
  await permit(call, { object })
  await objectTagsSet(call, undefined)
  return { status: 204, headers: versionHeader(call.bucket, object) }
}

/** x-amz-tagging of whatever writes an object. */
export function tagsOnWrite({ request }: S3Call, _bucket: Bucket, draft: ObjectDraft): void {
  const header = request.headers.get('x-amz-tagging') ?? ''
  if (request.headers.has('x-amz-copy-source')) {
    const directive = request.headers.get('x-amz-tagging-directive') ?? 'COPY'
    if (directive !== 'COPY' && directive !== 'REPLACE')
      throw invalidArgument('x-amz-tagging-directive', directive, 'Unknown tagging directive.')
    // the source's go along unless they are to be replaced, by none at all too
    if (directive === 'COPY') return
    draft.system.tags = {}
  }
  if (header !== '') draft.system.tags = checked(() => tagsChecked(tagPairsOf(header), 'object'))
}

export function tagsOnRead(_call: S3Call, _bucket: Bucket, { system }: VersionRow, headers: Record<string, string>): void {
  const count = Object.keys(system.tags ?? {}).length
  if (count > 0) headers['x-amz-tagging-count'] = String(count)
}

const ofVersion = (verb: string) => (call: S3Call) => `s3:${verb}Object${call.request.query.has('versionId') ? 'Version' : ''}Tagging`
const bucket = { on: 'bucket', query: ['tagging'] } as const
const object = { on: 'object', query: ['tagging'], asksItself: true } as const
export const taggingOperations: S3Operation[] = [
  { name: 'PutBucketTagging', method: 'PUT', ...bucket, action: 's3:PutBucketTagging', handler: bucketTaggingPut },
  { name: 'GetBucketTagging', method: 'GET', ...bucket, action: 's3:GetBucketTagging', handler: bucketTaggingGet },
  { name: 'DeleteBucketTagging', method: 'DELETE', ...bucket, action: 's3:PutBucketTagging', handler: bucketTaggingDelete },
  { name: 'PutObjectTagging', method: 'PUT', ...object, action: ofVersion('Put'), handler: objectTaggingPut },
  { name: 'GetObjectTagging', method: 'GET', ...object, action: ofVersion('Get'), handler: objectTaggingGet },
  { name: 'DeleteObjectTagging', method: 'DELETE', ...object, action: ofVersion('Delete'), handler: objectTaggingDelete },
]

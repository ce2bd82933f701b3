// CopyObject: a new row on the same bytes, at any size. The copy keeps what the source is made of (its ETag and parts), and takes its
// metadata along unless the request says REPLACE.
import { objectCopy, versionId, type Draft } from '../../engine/index.ts'
import type { ObjectRow } from '../../store/tables.ts'
import { invalidArgument, S3Error } from '../errors.ts'
import { encryptionChanges } from '../encryption/encryption.ts'
import type { ObjectDraft } from '../hooks.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import { isoTime } from '../times.ts'
import { etagShown } from '../views.ts'
import { xml } from '../xml/write.ts'
import { algorithmAsked, copiedChecksum } from './copy-checksum.ts'
import { copyRewritten } from './copy-rewritten.ts'
import { copySource, type CopySource } from './copy-source.ts'
import { writeConditions } from './conditions.ts'
import { versionAsked, versionHeader } from './find.ts'
import { draftOf, keptHeaders } from './headers.ts'

const bytesAtMost = 5 * 1024 ** 3

export async function objectCopyHandle(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key, request } = call
  const { headers } = request
  if (headers.has('range')) throw new S3Error('InvalidRequest', 'A Range header is not allowed on a copy.')
  const replaces = directive(call) === 'REPLACE'
  const conditions = writeConditions(headers)
  const draft = await draftOf(call, bucket)
  algorithmAsked(call)
  const source = await copySource(call)
  unchangedCheck(call, source, replaces || changesAnything(draft))
  if (source.object.bytes > bytesAtMost) {
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${bytesAtMost}`,
    )
  }
  const checksum = await copiedChecksum(call, source)
  const version = versionAsked(source.versionText)
  const made = copyDraft(source.object, draft, { replaces, checksum })
  const object =
    isManifest(source.object) || encryptionChanges(draft, source.object)
      ? await copyRewritten(call, source, { made, draft, conditions })
      : await rowsCopied()
  async function rowsCopied(): Promise<ObjectRow> {
    const copied = await objectCopy(engine, {
      by,
      from: { account: source.bucket.account, container: source.bucket.name, name: source.key, ...(version !== undefined && { version }) },
      to: { account: bucket.account, container: bucket.name, name: key },
      draft: (row) => copyDraft(row, draft, { replaces, checksum }),
      sourceConditions: { ifMatch: [source.object.etag] },
      ...(conditions && { conditions }),
    })
    return copied.object
  }
  return {
    headers: {
      ...versionHeader(bucket, object),
      ...(source.bucket.container.versioning !== '' && { 'x-amz-copy-source-version-id': versionId(source.object) }),
      ...draft.answer,
    },
    xml: xml(
      'CopyObjectResult',
      xml('LastModified', isoTime(object.modified_us)),
      xml('ETag', etagShown(object)),
      object.system.checksum && [
        xml(`Checksum${object.system.checksum.algorithm}`, object.system.checksum.value),
        xml('ChecksumType', object.system.checksum.type),
      ],
    ),
  }
}

/** What Swift made of other objects: a copy has their bytes. */
const isManifest = ({ kind }: ObjectRow): boolean => kind === 'slo' || kind === 'dlo'

function directive({ request }: S3Call): 'COPY' | 'REPLACE' {
  const word = request.headers.get('x-amz-metadata-directive') ?? 'COPY'
  if (word === 'COPY' || word === 'REPLACE') return word
  throw invalidArgument('x-amz-metadata-directive', word, 'Unknown metadata directive.')
}

/** What a hook has put into the draft: a lock, an encryption, a redirect. An ACL or tags alone do not make a copy onto itself a change. */
const changesAnything = ({ system, encryption }: ObjectDraft): boolean =>
  encryption !== undefined ||
  Object.keys(system).some((name) => !(keptHeaders as readonly string[]).includes(name) && name !== 'acl' && name !== 'tags')

function unchangedCheck(call: S3Call, { bucket, key, versionText }: CopySource, isChange: boolean): void {
  if (isChange || versionText !== undefined || key !== call.key || bucket.container.id !== call.bucket.container.id) return
  throw new S3Error(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  )
}

/** What makes a row a manifest of Swift's, which a copy is not. */
const manifestWords = ['x-object-manifest', 'slo', 'slo-manifest-etag']

interface CopyHow {
  replaces: boolean
  checksum: ObjectRow['system']['checksum']
}

/** COPY takes the source's type and metadata whatever the request says; REPLACE the request's alone. */
function copyDraft(row: ObjectRow, draft: ObjectDraft, { replaces, checksum }: CopyHow): Draft {
  const own = Object.fromEntries(Object.entries(draft.system).filter(([name]) => !(keptHeaders as readonly string[]).includes(name)))
  // what belongs to the source's row alone does not go along
  const { acl: _acl, lock: _lock, upload: _upload, ...along } = row.system
  const stays = (name: string): boolean => !manifestWords.includes(name) && !(replaces && (keptHeaders as readonly string[]).includes(name))
  const kept = Object.fromEntries(Object.entries(along).filter(([name]) => stays(name)))
  return {
    contentType: replaces ? draft.contentType : row.content_type,
    metadata: replaces ? draft.metadata : row.metadata,
    system: { ...kept, ...(replaces ? draft.system : own), ...(checksum && { checksum }) },
    expiresUs: replaces ? draft.expiresUs : row.expires_us,
  }
}

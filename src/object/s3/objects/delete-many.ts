// DeleteObjects: up to a thousand keys by one body. The answer is 200 with what became of each; every key is asked for by itself.
import { versionId } from '../../engine/index.ts'
import { ObjectRefusal } from '../../refusal.ts'
import { xmlBody } from '../body/small.ts'
import { S3Error } from '../errors.ts'
import { onDelete } from '../hooks.ts'
import type { S3Answer, S3Call } from '../operation.ts'
import { mayDo } from '../permit.ts'
import { refusalAsS3 } from '../refusals.ts'
import { httpTimeUs } from '../times.ts'
import { etagBare } from '../views.ts'
import { all, text, type XmlElement } from '../xml/read.ts'
import { xml, type Xml } from '../xml/write.ts'
import { keyDelete } from './delete.ts'
import { versionAsked } from './find.ts'

const keysAtMost = 1_000
const bodyBytesAtMost = 2 * 1_048_576
/** so many at once: they share commits */
const atOnce = 64

interface Wanted {
  key: string
  version: string | undefined
  etag: string | undefined
  size: string | undefined
  modified: string | undefined
}

export async function deleteMany(call: S3Call): Promise<S3Answer> {
  const root = await xmlBody(call, { root: 'Delete', maxBytes: bodyBytesAtMost, needsDigest: true })
  const wanted = all(root, 'Object').map(wantedOf)
  if (wanted.length === 0 || wanted.length > keysAtMost) throw new S3Error('MalformedXML')
  const isQuiet = text(root, 'Quiet')?.trim().toLowerCase() === 'true'
  for (const hook of onDelete) await hook(call)
  const results: Xml[] = []
  for (let at = 0; at < wanted.length; at += atOnce) {
    results.push(...(await Promise.all(wanted.slice(at, at + atOnce).map((each) => deleteOne(call, each)))))
  }
  return { xml: xml('DeleteResult', isQuiet ? results.filter(({ name }) => name === 'Error') : results) }
}

function wantedOf(element: XmlElement): Wanted {
  const key = text(element, 'Key')
  if (key === undefined || key === '') throw new S3Error('MalformedXML')
  return {
    key,
    version: text(element, 'VersionId') || undefined,
    etag: text(element, 'ETag'),
    size: text(element, 'Size'),
    modified: text(element, 'LastModifiedTime'),
  }
}

async function deleteOne(call: S3Call, wanted: Wanted): Promise<Xml> {
  const named = [xml('Key', wanted.key), wanted.version !== undefined && xml('VersionId', wanted.version)]
  try {
    return xml('Deleted', named, await deleted(call, wanted))
  } catch (error) {
    const refusal = error instanceof ObjectRefusal ? refusalAsS3(error) : error
    if (!(refusal instanceof S3Error)) throw error
    return xml('Error', named, xml('Code', refusal.code), xml('Message', refusal.message))
  }
}

async function deleted(call: S3Call, { key, version: versionText, etag, size, modified }: Wanted): Promise<(Xml | false)[]> {
  const version = versionAsked(versionText)
  const action = version === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion'
  if (!(await mayDo(call, { action, key }))) throw new S3Error('AccessDenied')
  const modifiedUs = httpTimeUs(modified)
  const { removed, marker } = await keyDelete(call, {
    key,
    version,
    conditions: {
      ...(etag !== undefined && { ifMatch: etag.trim() === '*' ? '*' : [etagBare(etag)] }),
      ...(size !== undefined && { ifBytes: Number(size) }),
      ...(modifiedUs !== undefined && { ifModifiedUs: modifiedUs }),
    },
  })
  const shown = marker ?? (removed?.is_marker ? removed : undefined)
  return [shown !== undefined && xml('DeleteMarker', 'true'), shown !== undefined && xml('DeleteMarkerVersionId', versionId(shown))]
}

// RenameObject: another name for the same row, in one transaction, at any size.
import { objectRename } from '../engine/index.ts'
import { S3Error, invalidArgument } from './errors.ts'
import { readConditionsCheck, writeConditions, type ConditionNames } from './objects/conditions.ts'
import { copySourceParse } from './objects/copy-source.ts'
import { objectOf } from './objects/find.ts'
import type { S3Answer, S3Call, S3Operation } from './operation.ts'
import { permit } from './permit.ts'

const header = 'x-amz-rename-source'
const conditionsOnSource: ConditionNames = {
  match: `${header}-if-match`,
  noneMatch: `${header}-if-none-match`,
  modifiedSince: `${header}-if-modified-since`,
  unmodifiedSince: `${header}-if-unmodified-since`,
}

async function rename(call: S3Call): Promise<S3Answer> {
  const { engine, by, bucket, key, request } = call
  const from = sourceKey(call)
  const object = await objectOf(call, { bucket, key: from, versionText: undefined })
  readConditionsCheck(request.headers, object, conditionsOnSource)
  for (const [action, name] of [
    ['s3:GetObject', from],
    ['s3:DeleteObject', from],
    ['s3:PutObject', key],
  ] as const) {
    await permit(call, { action, key: name, object: name === from ? object : null })
  }
  const conditions = writeConditions(request.headers)
  const place = { account: bucket.account, container: bucket.name }
  await objectRename(engine, {
    by,
    from: { ...place, name: from },
    to: { ...place, name: key },
    sourceConditions: { ifMatch: [object.etag] },
    ...(conditions && { conditions }),
  })
  return {}
}

/** `bucket/key` of this bucket, or the key alone after a slash. */
function sourceKey({ request, bucket, key }: S3Call): string {
  const sent = request.headers.get(header)
  if (sent === undefined || sent === '') throw new S3Error('InvalidRequest', `The request needs the header ${header}.`)
  const { bucket: name, key: from, versionText } = copySourceParse(sent)
  if (versionText !== undefined) throw invalidArgument(header, sent, 'A version cannot be renamed.')
  if (name !== bucket.name) throw invalidArgument(header, sent, 'The source must be in the same bucket.')
  if (from === key) throw new S3Error('InvalidRequest', 'An object cannot be renamed to its own name.')
  return from
}

export const renameOperations: S3Operation[] = [
  { name: 'RenameObject', method: 'PUT', on: 'object', query: ['renameObject'], action: 's3:PutObject', asksItself: true, handler: rename },
]

// The operations on objects, parts of uploads apart.
import type { S3Call, S3Operation } from '../operation.ts'
import { objectCopyHandle } from './copy.ts'
import { deleteMany } from './delete-many.ts'
import { deleteAction, objectDeleteHandle } from './delete.ts'
import { objectGet } from './get.ts'
import { objectPutHandle } from './put.ts'

const readAction = ({ request }: S3Call): string => (request.query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject')

export const objectOperations: S3Operation[] = [
  // permission is asked once the object is found, since it may have an ACL of its own
  { name: 'GetObject', method: 'GET', on: 'object', action: readAction, asksItself: true, handler: objectGet },
  { name: 'HeadObject', method: 'HEAD', on: 'object', action: readAction, asksItself: true, handler: objectGet },
  { name: 'PutObject', method: 'PUT', on: 'object', action: 's3:PutObject', handler: objectPutHandle },
  { name: 'CopyObject', method: 'PUT', on: 'object', header: 'x-amz-copy-source', action: 's3:PutObject', handler: objectCopyHandle },
  { name: 'DeleteObject', method: 'DELETE', on: 'object', action: deleteAction, handler: objectDeleteHandle },
  // each key is asked for by itself
  {
    name: 'DeleteObjects',
    method: 'POST',
    on: 'bucket',
    query: ['delete'],
    action: 's3:DeleteObject',
    asksItself: true,
    handler: deleteMany,
  },
]

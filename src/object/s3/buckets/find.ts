// Which bucket a name means: the caller's own project's first, then whoever claimed the name for the whole cloud.
import { claimOwner, containerFind } from '../../engine/index.ts'
import type { Engine } from '../../engine/index.ts'
import { S3Error } from '../errors.ts'
import type { Bucket } from '../operation.ts'

async function bucketFind(engine: Engine, account: string, name: string): Promise<Bucket | undefined> {
  if (account !== '') {
    const container = await containerFind(engine, account, name)
    if (container) return { account, name, container, isOwn: true }
  }
  const owner = await claimOwner(engine, name)
  if (owner === undefined || owner === account) return undefined
  const container = await containerFind(engine, owner, name)
  return container && { account: owner, name, container, isOwn: false }
}

export async function bucketOf(engine: Engine, account: string, name: string): Promise<Bucket> {
  const bucket = await bucketFind(engine, account, name)
  if (!bucket) throw new S3Error('NoSuchBucket', undefined, { facts: { BucketName: name } })
  return bucket
}

// A key's end at the S3 door: it is over with its user, its project or itself, at once, whatever was kept of it a moment before.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startS3Cloud, type S3Client, type S3Cloud } from '../../../test/support/s3.ts'

let cloud: S3Cloud
before(async () => void (cloud = await startS3Cloud()))
after(() => cloud.stop())

const ends: Record<string, (key: S3Client) => Promise<unknown>> = {
  'its user is deleted': ({ userId }) => cloud.does('DELETE', `/users/${userId}`),
  'its user is disabled': ({ userId }) => cloud.does('PATCH', `/users/${userId}`, { user: { enabled: false } }),
  'its project is deleted': ({ projectId }) => cloud.does('DELETE', `/projects/${projectId}`),
  'its project is disabled': ({ projectId }) => cloud.does('PATCH', `/projects/${projectId}`, { project: { enabled: false } }),
  'it is deleted itself': ({ userId, access }) => cloud.does('DELETE', `/users/${userId}/credentials/OS-EC2/${access}`),
}

for (const [index, [when, end]] of Object.entries(ends).entries())
  test(`a key signs nothing any more when ${when}, and other keys go on`, async () => {
    const [key, other] = [await cloud.client(`ends${index}`), await cloud.client(`stays${index}`)]
    for (const one of [key, other]) assert.equal((await one.ask('GET', '/')).status, 200)
    await end(key)
    const { status, code } = await key.ask('GET', '/')
    assert.deepEqual([status, code], [403, 'InvalidAccessKeyId'])
    assert.equal((await other.ask('GET', '/')).status, 200)
  })

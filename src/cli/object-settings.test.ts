import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultObject } from '../platform/object-settings.ts'
import { objectSettings } from './object-settings.ts'

const wrong = (what: string): never => {
  throw new Error(what)
}

test('settings of object storage are read as they are meant, the rest stays as it is', () => {
  assert.deepEqual(objectSettings(undefined, wrong), defaultObject)
  const s3 = { driver: 's3', endpoint: 'https://s3.example/', bucket: 'b', access_key: 'a', secret_key: 's', region: 'r' }
  assert.deepEqual(objectSettings({ reserve_free_mib: 64, temp_url_digests: ['sha256'], container_rates: { 100: 5 }, blobs: s3 }, wrong), {
    ...defaultObject,
    reserveFreeMib: 64,
    tempUrlDigests: ['sha256'],
    containerRates: { 100: 5 },
    blobs: { driver: 's3', endpoint: 'https://s3.example', bucket: 'b', accessKey: 'a', secretKey: 's', region: 'r' },
  })
})

test('what is not understood of object storage is said, not passed over', () => {
  for (const [group, said] of [
    [{ encrypt: true }, /no setting 'encrypt' in the group 'object_storage'/],
    [{ encryption: 'yes' }, /'encryption' .* must be true or false/],
    [{ s3_tls: { certificate: '/dev/null/none', key: '/dev/null/none' } }, /'certificate' is the path of a file that can be read/],
    [{ blobs: { driver: 's3' } }, /'endpoint' is a URL/],
    [{ temp_url_digests: ['md5'] }, /sha1, sha256 or sha512/],
    [[], /no group of settings/],
  ] as const)
    assert.throws(() => objectSettings(group, wrong), said)
})

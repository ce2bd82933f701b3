import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { makeCertificate } from './certificate.ts'

test('the certificate is the user’s, signed by its own key, and the bundle holds that key', async () => {
  const made = await makeCertificate('user-1', Date.UTC(2026, 0, 2, 3, 4, 5), Buffer.alloc(16, 7))
  const certificate = new X509Certificate(made.certificate)
  assert.equal(certificate.subject, 'CN=user-1')
  assert.equal(certificate.validFrom, 'Jan  2 03:04:05 2026 GMT')
  assert.ok(certificate.verify(certificate.publicKey))
  const bundle = Buffer.from(made.pkcs12, 'base64')
  assert.ok(bundle.includes(certificate.raw))
  // PKCS #8 of RSA begins with a sequence, version 0 and the algorithm: find it in the bundle and read it
  const at = bundle.indexOf(Buffer.from('020100300d06092a864886f70d0101010500', 'hex')) - 4
  const key = createPrivateKey({ key: bundle.subarray(at, at + 4 + bundle.readUInt16BE(at + 2)), format: 'der', type: 'pkcs8' })
  assert.ok(certificate.checkPrivateKey(key))
})

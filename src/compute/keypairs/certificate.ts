// A key with a certificate that says whose it is, as Nova makes them for keypairs of type x509 (Windows guests log in
// with them): a self-signed client certificate in PEM, and both together as PKCS #12 in base64, unencrypted. DER is
// written by hand: a tag, a length, the content (docs/decisions/0010 says why no library does it).
import { generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'

const tags = { integer: 0x02, bits: 0x03, octets: 0x04, null: 0x05, oid: 0x06, utf8: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 }

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const length: number[] = []
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256)
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length, ...length), content])
}

const sequence = (...parts: Buffer[]): Buffer => der(tags.sequence, ...parts)
const octets = (content: Buffer): Buffer => der(tags.octets, content)
/** [n] EXPLICIT */
const explicit = (n: number, content: Buffer): Buffer => der(0xa0 | n, content)

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const digits = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | (left % 128))
    bytes.push(...digits)
  }
  return der(tags.oid, Buffer.from(bytes))
}

const oids = {
  commonName: '2.5.4.3',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectAltName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  userPrincipalName: '1.3.6.1.4.1.311.20.2.3',
  data: '1.2.840.113549.1.7.1',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
}

const utcTime = (ms: number): Buffer => der(tags.utcTime, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))
const name = (text: string): Buffer => sequence(der(tags.set, sequence(oid(oids.commonName), der(tags.utf8, Buffer.from(text)))))
const yearsValid = 10
const yearMs = 365 * 86_400_000

export interface KeyAndCertificate {
  /** PEM */
  certificate: string
  /** PKCS #12, base64 */
  pkcs12: string
}

/** For the user; `serial` is random and positive. */
export async function makeCertificate(userId: string, nowMs: number, serial: Buffer): Promise<KeyAndCertificate> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const algorithm = sequence(oid(oids.sha256WithRsa), der(tags.null))
  const principal = explicit(0, der(tags.utf8, Buffer.from(`${userId}@localhost`)))
  const extensions = sequence(
    sequence(oid(oids.extendedKeyUsage), octets(sequence(oid(oids.clientAuth)))),
    sequence(oid(oids.subjectAltName), octets(sequence(der(0xa0, oid(oids.userPrincipalName), principal)))),
  )
  const content = sequence(
    explicit(0, der(tags.integer, Buffer.of(2))),
    der(tags.integer, Buffer.concat([Buffer.of(0x01), serial])),
    algorithm,
    name(userId),
    sequence(utcTime(nowMs), utcTime(nowMs + yearsValid * yearMs)),
    name(userId),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensions),
  )
  const signature = sign('sha256', content, pair.privateKey)
  const certificate = sequence(content, algorithm, der(tags.bits, Buffer.of(0), signature))
  return {
    certificate: pem(certificate),
    pkcs12: pkcs12(pair.privateKey.export({ type: 'pkcs8', format: 'der' }), certificate).toString('base64'),
  }
}

const pem = (content: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(content.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

function pkcs12(key: Buffer, certificate: Buffer): Buffer {
  const wrapped = (content: Buffer) => sequence(oid(oids.data), explicit(0, octets(content)))
  const keyBag = sequence(oid(oids.keyBag), explicit(0, key))
  const certBag = sequence(oid(oids.certBag), explicit(0, sequence(oid(oids.x509Certificate), explicit(0, octets(certificate)))))
  return sequence(der(tags.integer, Buffer.of(3)), wrapped(sequence(wrapped(sequence(keyBag, certBag)))))
}

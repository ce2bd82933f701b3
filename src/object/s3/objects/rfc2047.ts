// Metadata that is not ASCII goes out as RFC 2047 has it, as Amazon sends it, and may come in so or as bare UTF-8.

// oxlint-disable-next-line no-control-regex
const plain = /^[\u0020-\u007e]*$/

export const metadataWritten = (value: string): string =>
  plain.test(value) ? value : `=?UTF-8?B?${Buffer.from(value, 'utf8').toString('base64')}?=`

const word = /=\?utf-8\?([bq])\?([^?]{0,4096})\?=/gi

export function metadataRead(value: string): string {
  if (!value.includes('=?')) return value
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(word, (_whole, kind: string, text: string) => (kind.toLowerCase() === 'b' ? fromBase64(text) : fromQ(text)))
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

const fromQ = (text: string): string =>
  Buffer.from(
    text.replaceAll('_', ' ').replaceAll(/=([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

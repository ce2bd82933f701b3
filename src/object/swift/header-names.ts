// Headers on their way out: names in Title-Case as Swift has them, values in bytes of UTF-8.

const mostKnown = 5_000
const known = new Map<string, string>()

/** 'x-object-meta-foo' → 'X-Object-Meta-Foo' */
export function titled(name: string): string {
  let text = known.get(name)
  if (text !== undefined) return text
  text = name.replaceAll(/(^|[^a-z0-9'])([a-z])/g, (_all, before: string, letter: string) => before + letter.toUpperCase())
  if (known.size >= mostKnown) known.clear()
  known.set(name, text)
  return text
}

// eslint-disable-next-line no-control-regex
const unfit = /[\u0000-\u0008\u000a-\u001f\u007f]/g
// eslint-disable-next-line no-control-regex
const plain = /^[\t\u0020-\u007e]*$/

/** A value as Node takes it: each byte of UTF-8 one sign of Latin-1; what no header may hold is percent-encoded. */
export function headerBytes(value: string): string {
  if (plain.test(value)) return value
  const safe = value.toWellFormed().replace(unfit, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
  return Buffer.from(safe, 'utf8').toString('latin1')
}

const nameSigns = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Names come from clients too (metadata): what is none cannot be sent. */
export const isHeaderName = (name: string): boolean => nameSigns.test(name)

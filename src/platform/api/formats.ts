// The formats that schemas name. Each looks at a text once, from its beginning to its end, and at a bounded one where it
// can: what a user sends is validated on the one thread that serves everybody (F2).
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { isUuidLike } from '../ids.ts'
import { table } from '../table.ts'

/** ISO 8601, a day or a moment: JavaScript alone would take '2011/01/01' and 'May 5' too. */
const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]?\d\d:?\d\d)?)?$/i
const mac = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i

/** A text of more characters is no address, no time and no id. */
const within =
  (characters: number, test: (text: string) => boolean) =>
  (text: string): boolean =>
    text.length <= characters && test(text)

/** The alphabet with blanks anywhere and at most two signs of padding at its end: one pass, no way back. */
function isBase64(text: string): boolean {
  let padding = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3d) {
      if (++padding > 2) return false
    } else if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue
    else if (padding > 0 || !isLetterOfBase64(code)) return false
  }
  return true
}

const isLetterOfBase64 = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2f

export const formats: Record<string, (text: string) => boolean> = table({
  uuid: within(36, isUuidLike),
  ip: within(64, (text) => isIP(text) !== 0),
  ipv4: within(15, isIPv4),
  ipv6: within(64, isIPv6),
  mac: within(17, (text) => mac.test(text)),
  'date-time': within(64, (text) => isoTime.test(text) && !Number.isNaN(Date.parse(text))),
  uri: within(8_192, (text) => URL.canParse(text)),
  base64: isBase64,
})

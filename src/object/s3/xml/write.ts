// S3's XML out: elements as values, written at once. Control characters go out as numeric references, since keys may hold them.
import { table } from '../../../platform/table.ts'

export interface Xml {
  name: string
  content: XmlContent[]
  attributes?: Record<string, string>
}

/** What is undefined, null or false is left out, so that an element can be written where it may be missing. */
export type XmlContent = Xml | string | number | true | undefined | null | false | XmlContent[]

export const xml = (name: string, ...content: XmlContent[]): Xml => ({ name, content })

/** true and false as elements say them */
export const flag = (value: boolean): string => (value ? 'true' : 'false')

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

export function xmlDocument(root: Xml, options: { namespace?: boolean } = {}): string {
  const attributes = options.namespace === false ? root.attributes : { xmlns: namespace, ...root.attributes }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written({ ...root, ...(attributes && { attributes }) })}`
}

function written(content: XmlContent): string {
  if (content === undefined || content === null || content === false) return ''
  if (typeof content === 'string') return escaped(content)
  if (typeof content === 'number' || content === true) return String(content)
  if (Array.isArray(content)) {
    let text = ''
    for (const each of content) text += written(each)
    return text
  }
  let attributes = ''
  for (const [name, value] of Object.entries(content.attributes ?? {})) attributes += ` ${name}="${escaped(value)}"`
  const inner = written(content.content)
  return inner === '' ? `<${content.name}${attributes}></${content.name}>` : `<${content.name}${attributes}>${inner}</${content.name}>`
}

// oxlint-disable-next-line no-control-regex
const special = /[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g
const names = table({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })

const escaped = (text: string): string =>
  text.replace(special, (sign) => names[sign] ?? `&#x${sign.charCodeAt(0).toString(16).toUpperCase()};`)

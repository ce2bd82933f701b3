// S3's XML in: small bodies that anybody may send. A reader of its own, since what S3 needs of XML is little and the rest is what hurts: no
// document type and hence no entities but the five of XML and numeric references, bounds on depth and number, one pass without going back
// (attack-31). Everything that does not fit is MalformedXML. Elements are told by their names without a prefix.
import { S3Error } from '../errors.ts'

const depthAtMost = 20
const elementsAtMost = 50_000

export interface XmlElement {
  name: string
  attributes: ReadonlyMap<string, string>
  children: XmlElement[]
  /** between the children, joined */
  text: string
}

const malformed = (): S3Error => new S3Error('MalformedXML')

/** The root, which must be called so. */
export function xmlRead(bytes: Buffer, root: string): XmlElement {
  const found = new Reader(utf8(bytes)).document()
  if (found.name !== root) throw malformed()
  return found
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed()
  }
}

class Reader {
  #text: string
  #at = 0
  #elements = 0
  /** the elements that are open, the document itself first */
  #open: XmlElement[] = [made('', new Map())]

  constructor(text: string) {
    this.#text = text
  }

  document(): XmlElement {
    while (this.#at < this.#text.length) this.#next()
    const [document, ...unclosed] = this.#open
    const [root, ...more] = document?.children ?? []
    if (unclosed.length > 0 || !root || more.length > 0 || document?.text.trim() !== '') throw malformed()
    return root
  }

  #next(): void {
    const text = this.#text
    if (text[this.#at] !== '<') return this.#say(resolved(this.#until('<')))
    if (text.startsWith('<!--', this.#at)) return void this.#past('-->')
    if (text.startsWith('<![CDATA[', this.#at)) return this.#say(this.#past(']]>').slice('<![CDATA['.length))
    if (text.startsWith('<?', this.#at)) return void this.#past('?>')
    if (text.startsWith('</', this.#at)) return this.#close(this.#past('>').slice(2).trim())
    this.#begin()
  }

  get #inner(): XmlElement {
    return this.#open.at(-1) as XmlElement
  }

  #say(text: string): void {
    this.#inner.text += text
  }

  /** What stands before the sign, or before the end. */
  #until(sign: string): string {
    const end = this.#text.indexOf(sign, this.#at)
    const found = this.#text.slice(this.#at, end < 0 ? this.#text.length : end)
    this.#at += found.length
    return found
  }

  /** What stands before the mark, which is passed over. */
  #past(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at)
    if (end < 0) throw malformed()
    const found = this.#text.slice(this.#at, end)
    this.#at = end + mark.length
    return found
  }

  #close(name: string): void {
    if (this.#open.length < 2 || this.#inner.name !== withoutPrefix(name)) throw malformed()
    this.#open.pop()
  }

  /** `<name a="b">`, `<name/>`; anything else after `<`, a document type too, has no name and is refused. */
  #begin(): void {
    this.#at++
    const name = this.#match(namePattern)
    if (name === undefined || ++this.#elements > elementsAtMost || this.#open.length > depthAtMost) throw malformed()
    const attributes = new Map<string, string>()
    for (;;) {
      const pair = this.#attribute()
      if (!pair) break
      if (attributes.has(pair[0])) throw malformed()
      attributes.set(...pair)
    }
    this.#match(blankPattern)
    const element = made(withoutPrefix(name), attributes)
    this.#inner.children.push(element)
    const end = this.#match(endPattern)
    if (end === undefined) throw malformed()
    if (end === '>') this.#open.push(element)
  }

  #attribute(): [string, string] | undefined {
    const name = this.#match(attributePattern)
    if (name === undefined) return undefined
    const value = this.#match(valuePattern)
    if (value === undefined || value.includes('<')) throw malformed()
    return [name.slice(0, name.indexOf('=')).trim(), resolved(value.slice(1, -1))]
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

// sticky, so each is tried at one place only
const namePattern = /[A-Za-z_][\w.:-]{0,127}/y
const blankPattern = /\s*/y
const endPattern = /\/?>/y
const attributePattern = /\s+[A-Za-z_][\w.:-]{0,127}\s*=\s*/y
const valuePattern = /"[^"]*"|'[^']*'/y

const made = (name: string, attributes: Map<string, string>): XmlElement => ({ name, attributes, children: [], text: '' })

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1)

const named = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }))

/** The five names and numeric references; any other is an entity, and nobody may declare one. */
function resolved(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&([^;&\s]{0,10};?)/g, (_whole, reference: string) => {
    if (!reference.endsWith(';')) throw malformed()
    const name = reference.slice(0, -1)
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
    const sign = number ? signOf(number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16)) : named.get(name)
    if (sign === undefined) throw malformed()
    return sign
  })
}

const signOf = (point: number): string | undefined =>
  point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? undefined : String.fromCodePoint(point)

export const all = (element: XmlElement, name: string): XmlElement[] => element.children.filter((each) => each.name === name)

/** The only element of that name; more than one is malformed. */
export function maybe(element: XmlElement, name: string): XmlElement | undefined {
  const found = all(element, name)
  if (found.length > 1) throw malformed()
  return found[0]
}

export function one(element: XmlElement, name: string): XmlElement {
  const found = maybe(element, name)
  if (!found) throw malformed()
  return found
}

/** The text of the only element of that name; undefined when it is not there. */
export const text = (element: XmlElement, name: string): string | undefined => maybe(element, name)?.text

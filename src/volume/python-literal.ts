// Values of filters as clients written in Python print them, for Cinder reads filters with ast.literal_eval: texts in
// either quote, numbers, True, False and None, and lists, tuples, sets and dictionaries of these. In one pass.
import { table } from '../platform/table.ts'

export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal }

const escapes: Record<string, string> = table({
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
})
const words = new Map<string, Literal>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const closing: Record<string, string> = table({ '[': ']', '(': ')', '{': '}' })
const deepest = 20

/** The value, or undefined for what is no literal of Python. */
export function readLiteral(text: string): Literal | undefined {
  const reader = new Reader(text)
  const value = reader.value(0)
  return value !== undefined && reader.atEnd() ? value : undefined
}

/** A dictionary of texts, or undefined for anything else. What is no text in it is written as Python writes it. */
export function readPairs(text: string): Map<string, string> | undefined {
  const value = readLiteral(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value).map(([key, each]) => [key, printed(each)]))
}

function printed(value: Literal): string {
  if (typeof value === 'string') return value
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

class Reader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
    this.space()
  }

  atEnd(): boolean {
    return this.at === this.text.length
  }

  space(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] as string)) this.at++
  }

  take(mark: string): boolean {
    if (this.text[this.at] !== mark) return false
    this.at++
    this.space()
    return true
  }

  value(depth: number): Literal | undefined {
    if (depth > deepest) return undefined
    const first = this.text[this.at]
    if (first === '[' || first === '(' || first === '{') return this.several(first, depth)
    if (first === "'" || first === '"') return this.string()
    if ('uUbBrR'.includes(first ?? ' ') && /^["']/.test(this.text[this.at + 1] ?? '')) {
      this.at++
      return this.string()
    }
    return this.word()
  }

  word(): Literal | undefined {
    const start = this.at
    while (/[\w.+-]/.test(this.text[this.at] ?? '')) this.at++
    const word = this.text.slice(start, this.at)
    this.space()
    if (words.has(word)) return words.get(word)
    return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : undefined
  }

  string(): string | undefined {
    const quote = this.text[this.at++]
    let read = ''
    for (; this.at < this.text.length; this.at++) {
      const letter = this.text[this.at] as string
      if (letter === quote) {
        this.at++
        this.space()
        return read
      }
      read += letter === '\\' ? this.escaped() : letter
    }
    return undefined
  }

  /** What stands behind a backslash; `at` rests on its last letter. */
  escaped(): string {
    const mark = this.text[++this.at] ?? ''
    const digits = { x: 2, u: 4, U: 8 }[mark] ?? 0
    const code = this.text.slice(this.at + 1, this.at + 1 + digits)
    if (digits > 0 && code.length === digits && /^[0-9a-fA-F]+$/.test(code) && Number.parseInt(code, 16) <= 0x10_ffff) {
      this.at += digits
      return String.fromCodePoint(Number.parseInt(code, 16))
    }
    return escapes[mark] ?? `\\${mark}`
  }

  /** A list, a tuple, a set or a dictionary; a single value in round brackets is itself. */
  several(open: string, depth: number): Literal | undefined {
    this.take(open)
    const end = closing[open] as string
    const values: Literal[] = []
    const pairs: [string, Literal][] = []
    let commas = 0
    while (!this.take(end)) {
      if (values.length + pairs.length > commas) return undefined
      const value = this.value(depth + 1)
      if (value === undefined) return undefined
      if (open === '{' && this.take(':')) {
        const second = this.value(depth + 1)
        if (second === undefined || typeof value === 'object') return undefined
        pairs.push([printed(value), second])
      } else values.push(value)
      if (this.take(',')) commas++
    }
    if (pairs.length > 0 && values.length > 0) return undefined
    if (open === '{' && values.length === 0) return table(Object.fromEntries(pairs))
    return open === '(' && values.length === 1 && commas === 0 ? values[0] : values
  }
}

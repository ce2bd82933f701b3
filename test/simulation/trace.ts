// What happened, in order: a running hash of all of it (two runs of one seed must agree), and the last lines to read.

const keptLines = 400

export class Trace {
  #first = 0x811c9dc5 | 0
  #second = 0x9747b28c | 0
  #lines: string[] = []
  #all: ((line: string) => void) | null
  /** only what a person reads is kept, unless `all` takes every line */
  constructor(all: ((line: string) => void) | null = null) {
    this.#all = all
  }

  /** One step of the scheduler: hashed, and shown only when everything is. */
  step(nowMs: number, owner: string, label: string): void {
    this.#mix(Math.round(nowMs * 1024))
    this.#mix(hashOf(owner))
    this.#mix(hashOf(label))
    this.#all?.(`${time(nowMs)} ${owner} ${label}`)
  }

  /** Something that a person should read. */
  tell(nowMs: number, text: string): void {
    this.#mixText(text)
    const line = `${time(nowMs)} ${text}`
    this.#lines.push(line)
    if (this.#lines.length > 2 * keptLines) this.#lines.splice(0, keptLines)
    this.#all?.(line)
  }

  get digest(): string {
    return [this.#first, this.#second].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** The last lines told. */
  get lines(): string[] {
    return this.#lines.slice(-keptLines)
  }

  #mix(value: number): void {
    this.#first = Math.imul(this.#first ^ value, 0x01000193)
    this.#second = Math.imul(this.#second ^ value, 0x5bd1e995)
  }

  #mixText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index))
  }
}

/** of the words that steps are told in, of which there are few */
const hashes = new Map<string, number>()

function hashOf(word: string): number {
  let hash = hashes.get(word)
  if (hash === undefined) {
    hash = 0
    for (let index = 0; index < word.length; index++) hash = (Math.imul(hash, 31) + word.charCodeAt(index)) | 0
    hashes.set(word, hash)
  }
  return hash
}

const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23)

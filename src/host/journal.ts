// A small key → value memory that survives `kill -9` of the process: one JSON line per change, appended with a
// single write(), folded together again when it is opened. What the fake host and the fences stand on.
// A write costs about 10 µs and is in the kernel's hands when put() returns; power loss needs sync(). Not node:sqlite: a host may stand
// without control and its database, a fence is written before every change of a guest or a volume and must not wait for a transaction
// of others, and a journal that is damaged at its end loses its last line instead of the file.
import { closeSync, fdatasync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { HostError } from '../contract/call.ts'
import { fileFailure } from './tools.ts'

export interface Journal {
  get<T>(key: string): T | undefined
  /** undefined deletes */
  put(key: string, value: unknown): void
  keys(prefix: string): string[]
  /** resolves when everything put so far survives power loss too */
  sync(): Promise<void>
  close(): void
}

/** A file that has grown by so much is folded, however few its lines. */
const foldAfterBytes = 16 * 2 ** 20

/** Lives as long as the object: hand the same one to the next host to play a restart. */
export function memoryJournal(): Journal {
  const values = new Map<string, string>()
  return {
    get: <T>(key: string) => parse<T>(values.get(key)),
    put: (key, value) => void (value === undefined ? values.delete(key) : values.set(key, JSON.stringify(value))),
    keys: (prefix) => keysOf(values, prefix),
    sync: () => Promise.resolve(),
    close() {},
  }
}

/** What a journal file says now; nobody can write to it by this, and it need not be there. */
export function readJournal(path: string): Journal {
  const memory = memoryJournal()
  for (const [key, text] of readValues(path)) memory.put(key, parse(text))
  return memory
}

/**
 * Opens the journal file, made when missing. A torn last line (the process died in the write) is dropped.
 * Without `durable`, sync() promises no more than put() does: enough for a world that is only played.
 */
export function fileJournal(path: string, { durable = true }: { durable?: boolean } = {}): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const values = readValues(path)
  let fd = rewrite(path, values)
  let written = { lines: 0, bytes: 0 }
  let syncing: Promise<void> | undefined
  let dirty = false

  let isTorn = false
  const write = (key: string, text: string | undefined) => {
    const line = Buffer.from(`${isTorn ? '\n' : ''}${JSON.stringify([key, text === undefined ? null : text])}\n`)
    isTorn = true
    if (append(fd, line) < line.length) throw new HostError('no_space', 'no space left on device')
    isTorn = false
    dirty = true
    if (text === undefined) values.delete(key)
    else values.set(key, text)
    written = { lines: written.lines + 1, bytes: written.bytes + line.length }
    if (written.bytes > foldAfterBytes || (written.lines > 2000 && written.lines > values.size * 4)) fold()
  }
  const fold = () => {
    const old = fd
    written = { lines: 0, bytes: 0 }
    try {
      fd = rewrite(path, values)
    } catch (error) {
      // a full disk: the file as it is says the same, and is folded when it has grown as much again
      if (fileFailure(error) instanceof HostError) return
      throw error
    }
    void (syncing ?? Promise.resolve()).finally(() => closeSync(old))
  }
  return {
    get: <T>(key: string) => parse<T>(values.get(key)),
    put(key, value) {
      if (value === undefined) {
        if (values.has(key)) write(key, undefined)
        return
      }
      const text = JSON.stringify(value)
      if (values.get(key) === text) return
      write(key, text)
    },
    keys: (prefix) => keysOf(values, prefix),
    async sync() {
      if (dirty && durable) {
        dirty = false
        const before = syncing
        syncing = (async () => {
          await before
          const now = fd
          await new Promise<void>((resolve, reject) => fdatasync(now, (error) => (error ? reject(error) : resolve())))
        })()
      }
      await syncing
    },
    close: () => closeSync(fd),
  }
}

const parse = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : (JSON.parse(text) as T))

const keysOf = (values: Map<string, string>, prefix: string) => [...values.keys()].filter((key) => key.startsWith(prefix)).sort()

function readValues(path: string): Map<string, string> {
  const values = new Map<string, string>()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return values
    throw error
  }
  const lines = text.split('\n')
  lines.pop() // empty, or torn
  for (const line of lines) {
    const [key, value] = parseLine(line)
    if (key === undefined || value === undefined) continue
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  return values
}

/** A line that a full disk or a sudden end cut off says nothing. */
function parseLine(line: string): [string, string | null] | [] {
  try {
    return JSON.parse(line) as [string, string | null]
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

/** Writes the folded state beside the file, puts it in its place and returns a descriptor to append to. */
function rewrite(path: string, values: Map<string, string>): number {
  try {
    const fd = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeFileSync(fd, [...values].map((entry) => `${JSON.stringify(entry)}\n`).join('')) // all of it, or it throws
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(`${path}.new`, path)
  } catch (error) {
    rmSync(`${path}.new`, { force: true })
    throw error
  }
  return openSync(path, 'a', 0o600)
}

/** One write(); how much of it the disk took. */
function append(fd: number, line: Buffer): number {
  try {
    return writeSync(fd, line)
  } catch (error) {
    throw fileFailure(error)
  }
}

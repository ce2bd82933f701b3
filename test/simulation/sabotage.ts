// Makes one of the bugs of bugs.ts while the product's file is loaded. That the simulation finds every one of them within its
// seeds is what shows that its check can fail. Loaded by `node --import` with SABOTAGE=name.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bugs, type Bug } from './bugs.ts'

const source = join(import.meta.dirname, '..', '..', 'src')

/** The file with the bug in it; throws when the product has changed and the bug no longer fits. Line breaks and commas at a line's end do not count. */
export function sabotaged({ file, from, to, name }: Bug): string {
  const text = readFileSync(join(source, file), 'utf8')
  const found = [...text.matchAll(asWritten(from))]
  const [place] = found
  if (found.length !== 1 || place === undefined) throw new Error(`the bug '${name}' does not fit ${file} any more`)
  return text.slice(0, place.index) + to + text.slice(place.index + place[0].length)
}

/** A pattern for the same code in whatever lines the formatter puts it. */
function asWritten(code: string): RegExp {
  const parts = code
    .trim()
    .split(/(\w+|[^\w\s])/)
    .filter((part) => part.trim() !== '')
  const escaped = parts.map((part) => (/^[)}\]]$/.test(part) ? `,?\\s*\\${part}` : part.replace(/[^\w]/, '\\$&')))
  return new RegExp(escaped.join('\\s*'), 'g')
}

const wanted = process.env['SABOTAGE']
if (wanted !== undefined) {
  const bug = bugs.find(({ name }) => name === wanted)
  if (!bug) throw new Error(`there is no bug named '${wanted}'`)
  const target = join(source, bug.file)
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || fileURLToPath(url) !== target) return next(url, context)
      return { format: 'module-typescript', source: sabotaged(bug), shortCircuit: true }
    },
  })
}

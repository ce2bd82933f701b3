// Makes one of the bugs of bugs.ts while the product's file is loaded. That the simulation finds every one of them within its
// seeds is what shows that its check can fail. Loaded by `node --import` with SABOTAGE=name.
import { globSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bugs, type Bug } from './bugs.ts'

const source = join(import.meta.dirname, '..', '..', 'src')

interface Place {
  path: string
  text: string
  start: number
  end: number
}

/** Where in src/ the bug fits, whatever the file is called: its text in one place alone, or alone below the name it gives. */
function placeOf({ from, in: top, name }: Bug): Place {
  const pattern = asWritten(from)
  const found = globSync('**/!(*.test).ts', { cwd: source }).flatMap((file): Place[] => {
    const path = join(source, file)
    const text = readFileSync(path, 'utf8')
    return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({ path, text, start: index, end: index + length }))
  })
  const [place, ...others] = top === undefined ? found : found.filter(({ text, start }) => topOf(text, start) === top)
  if (place === undefined || others.length > 0)
    throw new Error(
      `the bug '${name}' does not fit any more: its text stands in ${found.length} places${top === undefined ? '' : ` (in ${top})`}`,
    )
  return place
}

/** The name of the function, class or constant at the file's top level that a place belongs to. */
function topOf(text: string, index: number): string | undefined {
  return [...text.slice(0, index).matchAll(/^(?:export )?(?:async )?(?:function|class|const) (\w+)/gm)].at(-1)?.[1]
}

/** The file with the bug in it; throws when the product has changed and the bug no longer fits. Line breaks and commas at a line's end do not count. */
export function sabotaged(bug: Bug): string {
  const { text, start, end } = placeOf(bug)
  return text.slice(0, start) + bug.to + text.slice(end)
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
  const { path } = placeOf(bug)
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith('file:') || fileURLToPath(url) !== path) return next(url, context)
      return { format: 'module-typescript', source: sabotaged(bug), shortCircuit: true }
    },
  })
}

// The body of a bulk deletion: a name a line, percent-encoded, `container/object` or `container`.
import { decoded } from '../path.ts'

/** What may be named in one request, and how long a line may be. */
export const mostNames = 10_000
const longestLine = 2 * (1024 + 256 + 2) * 3

export type NamesFault = 'too-many' | 'too-long'

/** A name as it stood there; `place` is null when it is not UTF-8. */
export interface Named {
  text: string
  place: { container: string; object: string | null } | null
}

/** The names of a body; a fault ends it. Empty lines are nothing. */
export async function namesOf(body: AsyncIterable<Buffer>): Promise<{ names: Named[] } | { fault: NamesFault }> {
  const names: Named[] = []
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) return { fault: 'too-long' }
    for (const line of lines) {
      if (line.length > longestLine) return { fault: 'too-long' }
      add(names, line)
      if (names.length > mostNames) return { fault: 'too-many' }
    }
  }
  add(names, rest)
  return names.length > mostNames ? { fault: 'too-many' } : { names }
}

function add(names: Named[], line: string): void {
  const text = line.trim()
  if (text === '') return
  const name = decoded(text)
  // what is not UTF-8 is told as it came
  if (name === null) names.push({ text, place: null })
  else if (name.replace(/^\/+/, '') !== '') names.push({ text: name, place: placeOfName(name) })
}

/** Slashes in front are habit; a name whose only other slash is its last is a container. */
function placeOfName(name: string): { container: string; object: string | null } {
  const path = name.replace(/^\/+/, '')
  const slash = path.indexOf('/')
  if (slash < 0) return { container: path, object: null }
  const object = path.slice(slash + 1)
  return { container: path.slice(0, slash), object: object.replaceAll('/', '') === '' ? null : object }
}

// Where the database's URL, which holds a password, comes from: a file or the environment, so that it stands on no command
// line, which every account of the machine reads. One that was written there all the same is taken off it at once.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from './complaint.ts'
import type { DataDir } from './data-dir.ts'

export const databaseVariable = 'STACKLING_DATABASE'

/** The URL of --database (itself, or the path of a file that holds it) or else of the environment; undefined: SQLite. */
export function databaseUrl(option: string | undefined): string | undefined {
  const given = option ?? process.env[databaseVariable]
  if (given === undefined || given === '') return undefined
  if (isUrl(given)) {
    if (option !== undefined) process.title = 'stackling up' // the command line as others see it
    return given
  }
  const text = readUrl(given)
  if (!isUrl(text))
    throw new Complaint(`--database ${given}: write postgres://USER:PASSWORD@HOST/NAME, or the path of a file that holds it`)
  return text
}

const placeFile = (dir: DataDir) => join(dir.path, 'database')

/** Rejects a start without the database that the directory's rows are in: it would be a new, empty cloud beside the guests and images of this one. */
export function seeThatDatabaseIsNamed(dir: DataDir, url: string | undefined): void {
  const file = placeFile(dir)
  if (url !== undefined || !existsSync(file)) return
  const place = readFileSync(file, 'utf8').trim()
  throw new Complaint(
    `the rows of ${dir.path} are in ${place}: name that with --database FILE or ${databaseVariable}, as at every up; or choose another --data`,
  )
}

/** Writes down where the rows are, without what it takes to log in there. */
export function rememberDatabase(dir: DataDir, url: string): void {
  const place = url.replace(/\/\/.*@/, '//').replace(/\?.*$/, '')
  writeFileSync(placeFile(dir), `${place}\n`, { mode: 0o600, flush: true })
}

const isUrl = (text: string) => /^postgres(ql)?:\/\//.test(text)

function readUrl(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new Complaint(`--database ${path}: neither postgres://… nor a file that can be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    })
  }
}

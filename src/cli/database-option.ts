// Where the database's URL, which holds a password, comes from: a file or the environment, so that it stands on no command
// line, which every account of the machine reads. One that was written there all the same is taken off it at once.
import { readFileSync } from 'node:fs'
import { Complaint } from './complaint.ts'

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
  if (!isUrl(text)) throw new Complaint(`--database ${given}: write postgres://USER:PASSWORD@HOST/NAME, or the path of a file that holds it`)
  return text
}

const isUrl = (text: string) => /^postgres(ql)?:\/\//.test(text)

function readUrl(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new Complaint(`--database ${path}: neither postgres://… nor a file that can be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}

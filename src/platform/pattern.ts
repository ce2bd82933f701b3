// The one engine for patterns that users give: RE2's, whose time is linear in the text whatever the pattern says. The
// language's own can be made to run for ever, and one thread serves everybody (F3, F8).
import { RE2JS } from 're2js'

export class PatternError extends Error {}

export interface Pattern {
  /** somewhere in the text */
  matches(text: string): boolean
  /** what one character of a text may cost at most, in steps of the engine: for the budgets of loops over many rows */
  stepsPerCharacter: number
}

export interface PatternOptions {
  ignoreCase?: boolean
}

const longest = 1_000
/** instructions of the compiled pattern: `((a{0,50}){0,50}){0,50}` would be a hundred thousand */
const maxSteps = 2_000

/** Compiles a pattern of RE2's language. Throws PatternError for what is none, or is too large. */
export function compilePattern(source: string, { ignoreCase = false }: PatternOptions = {}): Pattern {
  if (source.length > longest) throw new PatternError('the pattern is too long')
  const compiled = compile(source, ignoreCase)
  const stepsPerCharacter = compiled.programSize()
  if (stepsPerCharacter > maxSteps) throw new PatternError('the pattern is too large')
  return { matches: (text) => compiled.test(text), stepsPerCharacter }
}

function compile(source: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(source, (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | RE2JS.DOTALL)
  } catch (error) {
    throw new PatternError(`cannot read the pattern: ${(error as Error).message.slice(0, 200)}`, { cause: error })
  }
}

/** A text that means only itself within a pattern. */
export const literally = (text: string): string => RE2JS.quote(text)

// A reporter for node:test that keeps still about what passes: one block per failure, and one line with the
// counts at the end, for test.ts to read.
import type { TestEvent } from 'node:test/reporters'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export const countsMark = '#stackling-counts '
const stackLinesShown = 6

/** The generator that node:test calls. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { data } = event
    const isGroup = data.details.type === 'suite'
    if (event.type === 'test:pass') {
      if (isGroup) continue
      if (data.skip === undefined) counts.passed++
      else {
        counts.skipped++
        yield `  skipped: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`
      }
      continue
    }
    const { error } = event.data.details
    const kind = (error as { failureType?: string }).failureType
    if (kind === 'subtestsFailed') continue // its parts were told already
    counts.failed++
    const cause = (error.cause ?? error) as Error
    const place = data.file === undefined ? '' : ` (${data.file}:${data.line ?? 0})`
    yield `  FAILED: ${data.name}${place}\n${indent(describe(cause))}\n`
  }
  yield `${countsMark}${JSON.stringify(counts)}\n`
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const [first = '', ...rest] = (cause.stack ?? cause.message).split('\n')
  const frames = rest.filter((line) => /^\s+at /.test(line) && !line.includes('node:internal')).slice(0, stackLinesShown)
  const message = rest.filter((line) => !/^\s+at /.test(line))
  return [first, ...message, ...frames].join('\n')
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')

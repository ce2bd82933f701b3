// `stackling test`: runs every suite and ends with "N passed, N failed". What cannot run here (no root) is named.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Complaint } from './complaint.ts'
import { countsMark, type Counts } from './test-reporter.ts'
import { onlySuites, suites, type Suite } from './test-suites.ts'

const repository = join(import.meta.dirname, '..', '..')
/** one test; a story of many steps sets its own */
const testTimeoutMs = 120_000

export async function test(options: { only?: string }): Promise<number> {
  const chosen = onlySuites(suites(repository), options.only)
  if (chosen.length === 0) throw new Complaint(`no suite and no file is named like ${options.only}`)
  // what waits for guests leaves the processor to what computes: both together take little longer than either
  const lanes = [chosen.filter(({ wholeClouds }) => !wholeClouds), chosen.filter(({ wholeClouds }) => wholeClouds)]
  const counts = (await Promise.all(lanes.map(runLane))).flat()
  const sum = (part: keyof Counts) => counts.reduce((total, suite) => total + suite[part], 0)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') === 0 ? 0 : 1
}

/** One suite after the other; each tells its lines with its name, since the other lane tells its own between them. */
async function runLane(lane: Suite[]): Promise<Counts[]> {
  const counts: Counts[] = []
  for (const suite of lane) {
    const leftOut = suite.root && process.getuid?.() !== 0 ? 'needs root' : suite.missing
    if (leftOut !== undefined) {
      console.log(`${suite.name}: left out, ${leftOut}`)
      continue
    }
    const started = performance.now()
    const { passed, failed, skipped } = await runSuite(suite)
    counts.push({ passed, failed, skipped })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${suite.name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds} s)`)
  }
  return counts
}

async function runSuite(suite: Suite): Promise<Counts> {
  const words = suite.tool ?? testCommand(suite)
  const { code, counts } = await runProcess(words, suite)
  if (suite.tool) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  if (counts && (code === 0 || counts.failed > 0)) return counts
  console.log(`${suite.name}: FAILED, it ended with ${code} before its tests were done`)
  return { passed: counts?.passed ?? 0, failed: (counts?.failed ?? 0) + 1, skipped: counts?.skipped ?? 0 }
}

function testCommand(suite: Suite): string[] {
  const isolation = suite.together ? ['--test-isolation=none'] : ['--test-isolation=process', '--test-concurrency=1']
  const reporter = ['--test-reporter', join(import.meta.dirname, 'test-reporter.ts'), '--test-reporter-destination', 'stdout']
  return [process.execPath, '--test', ...isolation, `--test-timeout=${testTimeoutMs}`, ...reporter, ...(suite.files ?? [])]
}

/** Runs it with its output passed on; ends it, and what it started, when it takes too long. */
async function runProcess(
  words: string[],
  { name, timeoutMs, env: own }: Pick<Suite, 'name' | 'timeoutMs' | 'env'>,
): Promise<{ code: number | string; counts: Counts | null }> {
  const [command = '', ...rest] = words
  // NODE_OPTIONS and the test runner's own variables of an outer run must not leak in
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
  const child = spawn(command, rest, { cwd: repository, env: { ...env, ...own }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let counts: Counts | null = null
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (line.startsWith(countsMark)) counts = JSON.parse(line.slice(countsMark.length)) as Counts
    else console.log(`${name}| ${line}`)
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, timeoutMs)
  const read = once(lines, 'close')
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(timer)
  await read
  return { code: late ? `a timeout of ${timeoutMs / 1000} s` : (code ?? signal ?? 'no code'), counts }
}

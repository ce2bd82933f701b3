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
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const suite of chosen) {
    if (suite.root && process.getuid?.() !== 0) {
      console.log(`${suite.name}: left out, needs root`)
      continue
    }
    if (suite.missing !== undefined) {
      console.log(`${suite.name}: left out, ${suite.missing}`)
      continue
    }
    const started = performance.now()
    const counts = await runSuite(suite)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    console.log(
      `${suite.name}: ${counts.passed} passed, ${counts.failed} failed${skipped} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
    )
  }
  console.log(`${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

async function runSuite(suite: Suite): Promise<Counts> {
  const words = suite.tool ?? testCommand(suite)
  const { code, counts } = await runProcess(words, suite)
  if (suite.tool) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  if (counts && (code === 0 || counts.failed > 0)) return counts
  console.log(`  FAILED: ${suite.name} ended with ${code} before its tests were done`)
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
  { timeoutMs, env: own }: Pick<Suite, 'timeoutMs' | 'env'>,
): Promise<{ code: number | string; counts: Counts | null }> {
  const [command = '', ...rest] = words
  // NODE_OPTIONS and the test runner's own variables of an outer run must not leak in
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
  const child = spawn(command, rest, { cwd: repository, env: { ...env, ...own }, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let counts: Counts | null = null
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    if (line.startsWith(countsMark)) counts = JSON.parse(line.slice(countsMark.length)) as Counts
    else console.log(line)
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

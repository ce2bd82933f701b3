// The only place of the network driver that starts programs: ip, nft, bridge, conntrack, dnsmasq. One call is one
// process (about 2 ms), so callers hand over batches. Arguments are never put through a shell.
import { spawn } from 'node:child_process'
import { HostError } from '../../contract/call.ts'
import { namespacePath } from './names.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  /** what the program reads on standard input */
  input?: string
  /** the network namespace that it runs in; ours when not given */
  namespace?: string
}

const environment = { PATH: '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }
const limitMs = 60_000

/** Runs a program to its end, whatever its exit code. */
export function attempt(argv: string[], options: RunOptions = {}): Promise<Outcome> {
  const full = options.namespace === undefined ? argv : ['nsenter', `--net=${namespacePath(options.namespace)}`, '--', ...argv]
  const [file = '', ...args] = full
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (error) => reject(new HostError('failed', `${file} cannot be run: ${error.message}`, { cause: error })))
    child.on('close', (code) => resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }))
    child.stdin.on('error', () => undefined) // it ended before it read all: its exit code says why
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a program that must succeed; returns its output. */
export async function run(argv: string[], options: RunOptions = {}): Promise<string> {
  const outcome = await attempt(argv, options)
  if (outcome.code !== 0) throw new HostError('failed', `${argv.join(' ')}: ${outcome.stderr.trim() || `exit code ${outcome.code}`}`)
  return outcome.stdout
}

/**
 * Runs the lines of an `ip -batch` (or `bridge -batch`) in one process, all of them whatever fails.
 * Returns what went wrong, by the line's index.
 */
export async function batch(
  lines: string[],
  options: { namespace?: string; program?: 'ip' | 'bridge' } = {},
): Promise<Map<number, string>> {
  if (lines.length === 0) return new Map()
  const where = options.namespace === undefined ? [] : ['-n', options.namespace]
  const outcome = await attempt([options.program ?? 'ip', ...where, '-force', '-batch', '-'], { input: `${lines.join('\n')}\n` })
  return batchFaults(outcome.stderr)
}

/** Reads the complaints of a batch: some text, then 'Command failed -:LINE'. */
export function batchFaults(stderr: string): Map<number, string> {
  const faults = new Map<number, string>()
  let text: string[] = []
  for (const line of stderr.split('\n')) {
    const failed = /^Command failed -:(\d+)/.exec(line)
    if (!failed) {
      if (line.trim() !== '') text.push(line.trim())
      continue
    }
    faults.set(Number(failed[1]) - 1, text.join('; ') || 'failed')
    text = []
  }
  if (text.length > 0) faults.set(-1, text.join('; '))
  return faults
}

/** Loads rules in one transaction: all of them or none. */
export async function loadRules(rules: string, namespace?: string): Promise<void> {
  await run(['nft', '-f', '-'], namespace === undefined ? { input: rules } : { input: rules, namespace })
}

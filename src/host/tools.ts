// Runs the host's tools (qemu-img and the like) to their end: never through a shell, with bounded output, as the
// unprivileged guest user where what they read was written by guests, and with failures named as HostError.
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { HostError } from '../contract/call.ts'

/** Whom guests and the tools that read their disks run as. null: whoever runs the host (then it is not root). */
export interface GuestUser {
  uid: number
  gid: number
  /** others that it is in */
  groups?: number[]
}

/** The command line that runs another one as the user, without capabilities and with no way back. */
export function asUser(user: GuestUser | null, argv: string[], groups: number[] = []): string[] {
  if (!user) return argv
  const all = [...(user.groups ?? []), ...groups]
  const others = all.length > 0 ? [`--groups=${all.join()}`] : ['--clear-groups']
  const drop = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all']
  return ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, ...others, ...drop, ...argv]
}

/** The group that may open a device file, when it is not open to all. */
export function groupOf(device: string): number[] {
  const stat = statSync(device, { throwIfNoEntry: false })
  return stat && (stat.mode & 0o006) !== 0o006 ? [stat.gid] : []
}

export interface ToolOptions {
  cwd?: string
  user?: GuestUser | null
  signal?: AbortSignal | undefined
  /** for what reads a format that few people read: no network, so much computing, files of so many bytes */
  sandbox?: { cpuSeconds: number; fileBytes: number }
  /** called with every piece of standard output (progress) instead of gathering it */
  onOutput?: (text: string) => void
}

const maxOutputBytes = 8 * 2 ** 20
const maxAddressSpaceBytes = 4 * 2 ** 30

function limitedTo(argv: string[], { user, sandbox }: { user: GuestUser | null; sandbox: ToolOptions['sandbox'] }): string[] {
  const limits = sandbox ? [`--cpu=${sandbox.cpuSeconds}`, `--fsize=${sandbox.fileBytes}`, '--core=0'] : []
  if (!user) return limits.length > 0 ? ['prlimit', ...limits, ...argv] : argv
  const alone = asUser(user, ['prlimit', `--as=${maxAddressSpaceBytes}`, ...limits, ...argv])
  return sandbox ? ['unshare', '--net', '--ipc', '--', ...alone] : alone
}

/** Runs a tool and returns its standard output. */
export function runTool(argv: string[], { cwd, user = null, signal, sandbox, onOutput }: ToolOptions = {}): Promise<string> {
  const limited = limitedTo(argv, { user, sandbox })
  const [command = '', ...args] = limited
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    let outputBytes = 0
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => {
      if (onOutput) return onOutput(chunk.toString())
      outputBytes += chunk.length
      if (outputBytes <= maxOutputBytes) output.push(chunk)
      else child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < 4096) complaint += chunk.toString()
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new HostError('unsupported', `${argv[0]} is not installed`, { cause: error }) : error)
    })
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(Buffer.concat(output).toString())
      reject(toolFailure(argv, complaint.trim() || `ended with ${killedBy ?? code}`))
    })
  })
}

/** What a tool or QEMU complained about, as an error that a caller can act on. */
export function toolFailure(argv: string[], complaint: string): HostError {
  const text = `${[argv[0], argv[1]].filter((part) => part).join(' ')}: ${complaint.slice(-1000)}`
  if (/No space left on device|Disk quota exceeded/.test(complaint)) return new HostError('no_space', text)
  if (/failed to execute \S+: (No such file or directory|Permission denied)/.test(complaint))
    return new HostError('unsupported', `${argv[0]} is not installed`)
  if (/Failed to get .*lock/.test(complaint)) return new HostError('conflict', text)
  return new HostError('failed', text)
}

/** Node's file errors with a code of ours where there is one. */
export function fileFailure(error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') return new HostError('no_space', 'no space left on device', { cause: error })
  return error as Error
}

// Where a story's commands run: a network of its own with no route out (root), or this machine as an ordinary user
// (simulated guests need no network). Everything that ran there ends with it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Ran {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  timeoutMs?: number
}

export interface Place {
  /** the words that start a program there */
  prefix: string[]
  /** Runs a program to its end; never rejects because of its exit code. */
  run(words: string[], options?: RunOptions): Promise<Ran>
  /** command lines of everything that runs there */
  processes(): string[]
  close(): Promise<void>
}

const defaultTimeoutMs = 60_000
const largestOutput = 4 * 1024 * 1024

/** Runs a program to its end, or kills it when it takes too long. */
export async function run(words: string[], { env, timeoutMs = defaultTimeoutMs }: RunOptions = {}): Promise<Ran> {
  const [command = '', ...rest] = words
  const child = spawn(command, rest, {
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => void (output[stream] = (output[stream] + text).slice(-largestOutput)))
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return {
    code: code ?? 128,
    stdout: output.stdout,
    stderr: signal === null ? output.stderr : `${output.stderr}\nended by ${signal}: ${words.join(' ')}`,
  }
}

/**
 * The first process of the lab: loopback up, a /sys and a /run/netns of its own (with the machine's cgroups kept
 * in sight), then it only adopts and reaps.
 */
const holder = `
  set -e
  ip link set lo up
  mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns
  cgroups=$(mktemp -d) && mount --rbind /sys/fs/cgroup $cgroups
  mount -t sysfs sysfs /sys && mount --rbind $cgroups /sys/fs/cgroup && umount -l $cgroups && rmdir $cgroups
  sysctl -qw net.ipv6.conf.all.disable_ipv6=0 || true
  echo ready
  while :; do sleep 1000 & wait $! || true; done
`

/** A lab: network, mount and process namespaces of its own. Needs root. */
export async function openLab(): Promise<Place> {
  const words = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private', 'bash', '-c', holder]
  const unshare = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [ready] = (await once(unshare.stdout, 'data')) as [Buffer]
  if (ready.toString().trim() !== 'ready') throw new Error('the lab did not start')
  const first = firstChild(unshare)
  const prefix = ['nsenter', '--target', String(first), '--net', '--mount', '--pid', '--']
  return {
    prefix,
    run: (command, options) => run([...prefix, ...command], options),
    processes: () => processesOf(first),
    async close() {
      const gone = once(unshare, 'exit')
      process.kill(first, 'SIGKILL') // the kernel kills all others of its namespace
      await gone
    },
  }
}

function firstChild(parent: ChildProcess): number {
  const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8').trim()
  return Number(children.split(' ')[0])
}

/**
 * Command lines of a lab's processes but its first, as the machine sees them: all that share its process namespace. (A
 * process's list of children leaves some out while others end.)
 */
function processesOf(first: number): string[] {
  const namespace = namespaceOf(first)
  const found: string[] = []
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    try {
      if (pid !== first && namespaceOf(pid) === namespace)
        found.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim())
    } catch {
      // it ended meanwhile
    }
  }
  return found.filter((line) => line !== '' && !/^sleep 1000$/.test(line))
}

const namespaceOf = (pid: number): string => readlinkSync(`/proc/${pid}/ns/pid`)

/** This machine, as a user without rights: when the tests run as root, in a user namespace where they are nobody. */
export function openUserPlace(): Place {
  const prefix = process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'] : []
  return {
    prefix,
    run: (command, options) => run([...prefix, ...command], options),
    processes: () => [],
    close: async () => {},
  }
}

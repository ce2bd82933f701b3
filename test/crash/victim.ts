// A cloud in a process of its own that a test may kill at any moment and start again on the same data directory.
import { spawn, type ChildProcess } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'

const root = join(import.meta.dirname, '..', '..')
const startLimitMs = 120_000

export class Victim {
  readonly dataDir: string
  readonly drivers: 'fake' | 'real'
  #listen: string | null = null
  #child: ChildProcess | null = null
  readonly #env: Record<string, string>
  kills = 0

  constructor(dataDir: string, drivers: 'fake' | 'real', env: Record<string, string> = {}) {
    this.dataDir = dataDir
    this.drivers = drivers
    this.#env = env
  }

  /** Of the process that runs now. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the cloud was not started')
    return this.#child.pid
  }

  /** Resolves when every API answers and the first start's work is done. */
  async start(): Promise<void> {
    this.#listen ??= `127.0.0.1:${await freePort()}`
    const args = [join(root, 'src', 'main.ts'), 'up', '--data', this.dataDir, '--listen', this.#listen, '--drivers', this.drivers]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // as the wrapper does: a start takes a third of the time
      env: { ...process.env, NODE_COMPILE_CACHE: join(homedir(), '.cache', 'stackling', 'compile'), ...this.#env },
    })
    this.#child = child
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => void (output = (output + text).slice(-4000)))
    const timer = AbortSignal.timeout(startLimitMs)
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: { kind: string; text?: string }) => {
        if (message.kind === 'ready') resolve()
        if (message.kind === 'failed') reject(new Error(message.text))
      })
      child.once('exit', (code, signal) => reject(new Error(`the cloud ended with ${code ?? signal}: ${output}`)))
      timer.addEventListener('abort', () => reject(new Error(`the cloud did not come up: ${output}`)))
    })
  }

  /** kill -9, without a word. */
  async kill(): Promise<void> {
    this.kills += 1
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (!child) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await gone
  }
}

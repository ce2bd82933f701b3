// Starts control processes that share a database and a host, and watches them stop and go on.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logIn, type Client } from '../support/client.ts'
import type { ControlOptions, StopOrder } from './control.ts'
import { untilWithin } from '../support/until.ts'

const limitMs = 60_000

export class Control {
  readonly options: ControlOptions
  readonly #child: ChildProcess
  #client: Client | null = null
  outcome: string | null = null

  private constructor(options: ControlOptions) {
    this.options = options
    this.#child = fork(join(import.meta.dirname, 'control.ts'), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message: { outcome?: string }) => void (this.outcome = message.outcome ?? this.outcome))
  }

  /** Resolves when it is up and its client is logged in. */
  static async start(options: ControlOptions): Promise<Control> {
    const control = new Control(options)
    const ended = once(control.#child, 'exit').then(([code]) =>
      Promise.reject(new Error(`${options.name} ended with ${code}: ${control.log()}`)),
    )
    await Promise.race([once(control.#child, 'message'), ended])
    ended.catch(() => {}) // later ends are the test's own
    control.#client = await logIn(options.dataDir)
    return control
  }

  get client(): Client {
    if (!this.#client) throw new Error(`${this.options.name} is not up`)
    return this.#client
  }

  /** It will stop itself there. */
  stopAt(order: StopOrder): void {
    this.#child.send(order)
  }

  /** Resolves when the kernel says that it is stopped. */
  async stopped(): Promise<void> {
    await untilWithin(`${this.options.name} to stop`, limitMs, async () =>
      /^State:\s+T/m.test(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ? true : undefined,
    )
  }

  goOn(): void {
    this.#child.kill('SIGCONT')
  }

  log(): string {
    return existsSync(this.options.logFile) ? readFileSync(this.options.logFile, 'utf8') : ''
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }
}

// The simulation in processes of its own: a whole command with what it prints, and seeds given out to several.
import { fork, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Judging, Verdict } from './judge.ts'
import { defined } from '../../src/platform/defined.ts'

export interface Ended {
  code: number | null
  output: string
}

/** what a run leaves behind is found cheaper in large steps and seldom, and by threads that would have to be woken not at all */
const collecting = ['--max-semi-space-size=64', '--initial-old-space-size=512', '--single-threaded-gc']
/** a process is half a second in reading and compiling the product, unless another one has done it */
const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/simulation') }

/** `options` as on the command line; `sabotage` names a bug of sabotage.ts to run with. */
export function simulate(options: string[], sabotage?: string): Promise<Ended> {
  const hook = sabotage === undefined ? [] : ['--import', join(import.meta.dirname, 'sabotage.ts')]
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const child = spawn(process.execPath, [...hook, join(import.meta.dirname, 'simulate.ts'), ...options], {
    env: { ...compiled, ...env, ...defined({ SABOTAGE: sabotage }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** Gives the seeds to so many processes, to each the next one when it is through; `tell` hears each verdict as it comes. */
export async function spread(seeds: Iterator<number>, jobs: number, about: Judging, tell: (verdict: Verdict) => void): Promise<void> {
  await Promise.all(Array.from({ length: jobs }, () => judgeSome(seeds, about, tell)))
}

/** In one process, until no seed is left. */
function judgeSome(seeds: Iterator<number>, about: Judging, tell: (verdict: Verdict) => void): Promise<void> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [JSON.stringify(about)], {
    execArgv: [...collecting, ...process.execArgv],
    env: { ...compiled, ...process.env },
  })
  let seed: number | null = null
  const next = () => {
    const { value, done } = seeds.next()
    if (done) child.disconnect()
    else child.send((seed = value))
  }
  return new Promise((resolve, reject) => {
    child.on('message', (verdict) => {
      tell(verdict as Verdict)
      next()
    })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`the process that ran seed ${seed} ended with ${code ?? signal}`)),
    )
    next()
  })
}

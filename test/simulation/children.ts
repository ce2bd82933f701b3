// Runs of the simulation in processes of their own: what they print, and their exit code.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Ended {
  code: number | null
  output: string
}

/** `options` as on the command line; `sabotage` names a bug of sabotage.ts to run with. */
export function simulate(options: string[], sabotage?: string): Promise<Ended> {
  const hook = sabotage === undefined ? [] : ['--import', join(import.meta.dirname, 'sabotage.ts')]
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env
  const child = spawn(process.execPath, [...hook, join(import.meta.dirname, 'simulate.ts'), ...options], {
    env: { ...env, ...(sabotage === undefined ? {} : { SABOTAGE: sabotage }) }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

/** Does the work for each, so many at a time. */
export async function atMost<T>(count: number, items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const one = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: count }, one))
}

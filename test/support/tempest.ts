// The field's own suite against a cloud, by the runner that writes its configuration. Runner and lists are not ours: they
// stand beside this repository, or where STACKLING_CONFORMANCE says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonTool } from './tools.ts'

const root = join(import.meta.dirname, '..', '..')
export const conformance = process.env['STACKLING_CONFORMANCE'] ?? join(root, '..', 'shared', 'conformance')

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export interface TempestRun {
  cloudsYaml: string
  lists: string[]
  /** where its results go */
  out: string
  workers?: number
  line?: (text: string) => void
}

/** Runs lists of tests; why not, when the suite cannot be had. */
export async function runTempest({ cloudsYaml, lists, out, workers = 2, line }: TempestRun): Promise<Counts | { missing: string }> {
  const runner = join(conformance, 'run-tempest')
  if (!existsSync(runner)) return { missing: 'the runner of the conformance suite is not there' }
  const tool = await pythonTool('tempest')
  if ('missing' in tool) return tool
  const words = [runner, 'stackling-admin', ...lists, '--fake', '--workers', String(workers), '--tempest-dir', tool.directory, '--out', out]
  const child = spawn('/usr/bin/python3', words, {
    env: { ...process.env, OS_CLIENT_CONFIG_FILE: cloudsYaml },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let counts: Counts | undefined
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (text) => {
    const found = /^passed (\d+) failed (\d+) skipped (\d+)/.exec(text)
    if (found) counts = { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3]) }
    line?.(text)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (!counts) throw new Error(`the runner of the conformance suite ended with ${code} and no counts`)
  return counts
}

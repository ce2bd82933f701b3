// Runs the load generator against one cloud and gathers its figures: the median over the repetitions.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** 'server_boot_100 all_active' → value */
export type Figures = Record<string, number>

export const loadCases = ['token_issue', 'token_validate', 'net_flow', 'image_256', 'volumes_50', 'boot_storm', 'servers_100', 'ports_1000']

export interface LoadOptions {
  folder: string
  openrc: string
  label: string
  seconds: string
  repeat: string
}

/** Drives the cases, its progress on standard error; rejects when the generator fails. */
export async function driveLoad(options: LoadOptions, cases: string[]): Promise<Figures> {
  const environment = {
    ...process.env,
    ...readOpenrc(options.openrc),
    ...(options.label === 'stackling' ? { LOAD_IMAGE: 'stackling-linux' } : {}),
  }
  const args = [`${options.folder}/load.py`, '--seconds', options.seconds, '--repeat', options.repeat, '--label', options.label, ...cases]
  const child = spawn('/usr/bin/python3', args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text)
    output += text
  })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`the load generator ended with ${code} against ${options.label}`)
  return medians(output)
}

function readOpenrc(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').matchAll(/(?:^|\s)(OS_\w+)=('[^']*'|"[^"]*"|\S*)/g)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value.trim().replace(/^(['"])(.*)\1$/, '$2')]))
}

function medians(output: string): Figures {
  const values = new Map<string, number[]>()
  for (const [, name = '', metric = '', value = ''] of output.matchAll(/^(\S+) (\S+) ([\d.e+-]+) \S+$/gm)) {
    const key = `${name} ${metric}`
    values.set(key, [...(values.get(key) ?? []), Number(value)])
  }
  return Object.fromEntries([...values].map(([key, list]) => [key, list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN]))
}

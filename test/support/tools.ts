// The pinned clients of tools.txt, each installed into a cache when it is first needed. One that cannot be had is no
// failure of ours: its tests are skipped, with the reason.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installTimeoutMs = 300_000

interface Pinned {
  registry: string
  package: string
  version: string
  program: string
}

export type Tool = { program: string; directory: string } | { missing: string }

function pinned(program: string): Pinned {
  for (const line of readFileSync(join(import.meta.dirname, 'tools.txt'), 'utf8').split('\n')) {
    const [registry = '', name = '', version = '', brings = ''] = line.split(' ')
    if (!line.startsWith('#') && brings === program) return { registry, package: name, version, program }
  }
  throw new Error(`${program} is not in tools.txt`)
}

const cache = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stackling', 'tools')

/** The program of a Python package in an environment of its own; `directory` is its bin folder. */
export async function pythonTool(program: string): Promise<Tool> {
  const { package: name, version } = pinned(program)
  const home = join(cache(), `${name}-${version}`)
  const directory = join(home, 'bin')
  const whole = join(home, 'whole')
  if (existsSync(whole)) return { program: join(directory, program), directory }
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', home], { timeout: installTimeoutMs })
    await run(join(directory, 'pip'), ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`], {
      timeout: installTimeoutMs,
    })
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    return { missing: `${name} ${version} could not be installed: ${(error as Error).message.split('\n', 1)[0]}` }
  }
  writeFileSync(whole, '')
  return { program: join(directory, program), directory }
}

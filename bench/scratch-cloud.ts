// A cloud of the benchmark's own: scratch directory, fake drivers, a port of the machine's choice; cold and warm
// start and idle memory are measured on the way.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import { freePort } from '../test/support/free-port.ts'
import type { Figures } from './load.ts'

type CloudName = 'stackling-admin' | 'stackling-demo'

export interface Login {
  token: string
  projectId: string
}

export interface ScratchCloud {
  url: string
  openrc: string
  dataDir: string
  figures: Figures
  /** a token and its project, as clouds.yaml has it */
  login(name: CloudName): Promise<Login>
  stop(): Promise<void>
}

const settleMs = 10_000
const root = join(import.meta.dirname, '..')

export async function startScratchCloud(): Promise<ScratchCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-bench-'))
  const listen = `127.0.0.1:${await freePort()}`
  const url = `http://${listen}`
  const launch = () =>
    spawn(join(root, 'stackling'), ['up', '--data', dataDir, '--listen', listen, '--drivers', 'fake'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const cold = await timed(() => answered(url, launch))
  await ended(cold.result)
  const warm = await timed(() => answered(url, launch))
  const login = (name: CloudName) => logIn(url, dataDir, name)
  await raiseQuotas(url, await login('stackling-admin'))
  await wait(settleMs)
  return {
    url,
    dataDir,
    login,
    openrc: join(dataDir, 'openrc'),
    figures: { 'up cold': cold.seconds, 'up warm': warm.seconds, 'idle memory': residentMb(warm.result) },
    async stop() {
      await ended(warm.result)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = performance.now()
  const result = await work()
  return { result, seconds: (performance.now() - start) / 1000 }
}

async function answered(url: string, launch: () => ChildProcess): Promise<ChildProcess> {
  const child = launch()
  while (child.exitCode === null) {
    const answer = await fetch(`${url}/identity/v3`).catch(() => null)
    if (answer?.ok) return child
    await wait(10)
  }
  throw new Error(`the cloud ended with ${child.exitCode} before it answered`)
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await gone
}

/** The process that listens: the wrapper hands over by exec, so it is the child itself. */
function residentMb(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024
}

async function logIn(url: string, dataDir: string, name: CloudName): Promise<Login> {
  // the file appears when the first start is through
  for (;;) {
    try {
      const { auth } = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')).clouds[name]
      const user = { name: auth.username, password: auth.password, domain: { name: 'Default' } }
      const body = {
        auth: {
          identity: { methods: ['password'], password: { user } },
          scope: { project: { name: auth.project_name, domain: { name: 'Default' } } },
        },
      }
      const answer = await fetch(`${url}/identity/v3/auth/tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (answer.status === 201) {
        const { token } = (await answer.json()) as { token: { project: { id: string } } }
        return { token: answer.headers.get('x-subject-token') ?? '', projectId: token.project.id }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    await wait(50)
  }
}

async function raiseQuotas(url: string, { token, projectId }: Login): Promise<void> {
  const put = async (path: string, body: unknown) => {
    const answer = await fetch(url + path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  }
  await put(`/compute/v2.1/os-quota-sets/${projectId}`, { quota_set: { instances: -1, cores: -1, ram: -1 } })
  await put(`/network/v2.0/quotas/${projectId}`, { quota: { network: -1, subnet: -1, port: -1 } })
  await put(`/volume/v3/os-quota-sets/${projectId}`, { quota_set: { volumes: -1, gigabytes: -1 } })
}

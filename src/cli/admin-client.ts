// Just enough of a client to ask a running cloud what it holds: logs in as the admin of clouds.yaml.
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Complaint } from './complaint.ts'
import { runningProcess, type DataDir } from './data-dir.ts'

const answerTimeoutMs = 10_000
/** an error as the operations service writes it: {"conflictingRequest": {"message": …}} */
const errorMessage = /"message":\s*("(?:[^"\\]|\\.)*")/

interface CloudEntry {
  auth: { auth_url: string; username: string; password: string; project_name: string; user_domain_name?: string; project_domain_name?: string }
}

export interface AdminClient {
  /** GET of a path below the cloud's URL; rejects with a Complaint when it fails */
  get(path: string): Promise<Record<string, unknown>>
  /** the same, but null when there is no such thing */
  find(path: string): Promise<Record<string, unknown> | null>
  /** POST of a JSON body, of which the answer may be long in coming; rejects with a Complaint when it fails */
  post(path: string, body: object, timeoutMs: number): Promise<Record<string, unknown>>
}

/** What an answer that is an error says to a person. */
function saidBy(text: string): string {
  const [, quoted] = errorMessage.exec(text) ?? []
  return quoted === undefined ? text : (JSON.parse(quoted) as string)
}

/** A client of the cloud that runs on this data directory; rejects with a Complaint, which says what to do, when none does. */
export async function runningCloud(dir: DataDir): Promise<AdminClient> {
  const running = runningProcess(dir)
  if (!running) throw new Complaint(`nothing runs on ${dir.path}: start it with './stackling up', which mends what a stop left, and ask again`)
  return adminClient(dir, running.url)
}

/** A client with an admin token of the cloud in this data directory. */
export async function adminClient(dir: DataDir, url: string): Promise<AdminClient> {
  const clouds = (parse(readFileSync(dir.cloudsYaml, 'utf8')) as { clouds: Record<string, CloudEntry> }).clouds
  const auth = clouds['stackling-admin']?.auth
  if (!auth) throw new Complaint(`${dir.cloudsYaml} has no cloud stackling-admin`)
  const response = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: 'POST',
    signal: AbortSignal.timeout(answerTimeoutMs),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: auth.username, password: auth.password, domain: { name: auth.user_domain_name ?? 'Default' } } },
        },
        scope: { project: { name: auth.project_name, domain: { name: auth.project_domain_name ?? 'Default' } } },
      },
    }),
  })
  const token = response.headers.get('x-subject-token')
  await response.arrayBuffer()
  if (response.status !== 201 || token === null) throw new Complaint(`the admin of ${dir.cloudsYaml} cannot log in (${response.status})`)
  const find = async (path: string) => {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(answerTimeoutMs), headers: { 'x-auth-token': token } })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw new Complaint(`GET ${path} answers ${answer.status}: ${saidBy(await answer.text())}`)
    return (await answer.json()) as Record<string, unknown>
  }
  return {
    find,
    async get(path) {
      const found = await find(path)
      if (found === null) throw new Complaint(`GET ${path} answers 404`)
      return found
    },
    async post(path, body, timeoutMs) {
      const answer = await fetch(url + path, {
        method: 'POST', signal: AbortSignal.timeout(timeoutMs), headers: { 'x-auth-token': token, 'content-type': 'application/json' }, body: JSON.stringify(body),
      })
      if (answer.status >= 300) throw new Complaint(`POST ${path} answers ${answer.status}: ${saidBy(await answer.text())}`)
      return (await answer.json()) as Record<string, unknown>
    },
  }
}

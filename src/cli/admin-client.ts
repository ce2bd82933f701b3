// Just enough of a client to ask a running cloud what it holds and to steer it: with the key that its data directory holds.
import { readOperatorKey } from '../server/operator-key.ts'
import { Complaint } from './complaint.ts'
import { dataOption, runningProcess, type DataDir } from './data-dir.ts'

const answerTimeoutMs = 10_000
/** an error as the services write it: {"conflictingRequest": {"message": …}} */
const errorMessage = /"message":\s*("(?:[^"\\]|\\.)*")/

export interface AdminClient {
  /** GET of a path below the cloud's URL; rejects with a Complaint when it fails */
  get(path: string): Promise<Record<string, unknown>>
  /** the same, but null when there is no such thing */
  find(path: string): Promise<Record<string, unknown> | null>
  /** POST of a JSON body, of which the answer may be long in coming; rejects with a Complaint when it fails */
  post(path: string, body: object, timeoutMs: number): Promise<Record<string, unknown>>
  patch(path: string, body: object, timeoutMs: number): Promise<Record<string, unknown>>
}

/** What an answer that is an error says to a person. */
function saidBy(text: string): string {
  const [, quoted] = errorMessage.exec(text) ?? []
  return quoted === undefined ? text : (JSON.parse(quoted) as string)
}

/** A client of the cloud that runs on this data directory; rejects with a Complaint, which says what to do, when none does. */
export async function runningCloud(dir: DataDir): Promise<AdminClient> {
  const running = runningProcess(dir)
  if (!running)
    throw new Complaint(
      `nothing runs on ${dir.path}: start it with './stackling up${dataOption(dir)}', which mends what a stop left, and ask again`,
    )
  return adminClient(dir, running.url)
}

/** A client of the cloud at this address, by the key in the data directory. */
export function adminClient(dir: DataDir, url: string): AdminClient {
  const token = readOperatorKey(dir.path)
  if (token === null)
    throw new Complaint(
      `${dir.path} has no operator-key: an earlier version runs on it, or it starts just now; call './stackling up${dataOption(dir)}' again`,
    )
  const ask = async (method: string, path: string, { body, timeoutMs }: { body?: object; timeoutMs: number }): Promise<Response> => {
    try {
      return await fetch(url + path, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { 'x-auth-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } }
      if (name !== 'TimeoutError' && !(error instanceof TypeError)) throw error
      throw new Complaint(`no answer from ${url} (${cause?.code ?? name}): its log is ${dir.logFile}`, { cause: error })
    }
  }
  const find = async (path: string) => {
    const answer = await ask('GET', path, { timeoutMs: answerTimeoutMs })
    if (answer.status === 404) return null
    if (answer.status !== 200) throw new Complaint(`GET ${path} answers ${answer.status}: ${saidBy(await answer.text())}`)
    return (await answer.json()) as Record<string, unknown>
  }
  const send = (method: string) => async (path: string, body: object, timeoutMs: number) => {
    const answer = await ask(method, path, { body, timeoutMs })
    if (answer.status >= 300) throw new Complaint(`${method} ${path} answers ${answer.status}: ${saidBy(await answer.text())}`)
    return (await answer.json()) as Record<string, unknown>
  }
  return {
    find,
    async get(path) {
      const found = await find(path)
      if (found === null) throw new Complaint(`GET ${path} answers 404`)
      return found
    },
    post: send('POST'),
    patch: send('PATCH'),
  }
}

// Asks every service for its version document until all answer: only then is a cloud called up.
import { Complaint } from './complaint.ts'

/** What a cloud serves: the service's name and the path of its version document. */
export const versionDocuments = [
  { service: 'identity', path: '/identity/v3' },
  { service: 'compute', path: '/compute/' },
  { service: 'placement', path: '/placement/' },
  { service: 'network', path: '/network/' },
  { service: 'image', path: '/image/' },
  { service: 'volume', path: '/volume/' },
]

/** Whoever asks it has its code loaded, which no start waits for. */
export const objectDocument = { service: 'object', path: '/object/info' }

const pauseMs = 100
const answerTimeoutMs = 5_000

/** Whether one service answers with its versions (Glance and Cinder say 300 Multiple Choices). */
export async function answers(url: string, path: string): Promise<boolean> {
  try {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(answerTimeoutMs) })
    await response.arrayBuffer()
    return response.status === 200 || response.status === 300
  } catch {
    return false // not listening (yet), or too slow to be called up
  }
}

/** Resolves when all services answer; rejects with a Complaint that names those that don't. */
export async function waitForApis(url: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let silent = versionDocuments
  while (true) {
    const answered = await Promise.all(silent.map(({ path }) => answers(url, path)))
    silent = silent.filter((_, index) => !answered[index])
    if (silent.length === 0) return
    if (performance.now() > deadline) throw new Complaint(`no answer from ${silent.map(({ service }) => service).join(', ')} at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

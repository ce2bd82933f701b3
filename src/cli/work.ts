// `stackling work [list]`: the work that was abandoned, or is under way; `work retry ID` runs dead work again, `work cancel ID`
// takes work back that goes forward. The words are the running cloud's: src/server/operations/work-text.ts.
import { runningCloud, type AdminClient } from './admin-client.ts'
import { Complaint } from './complaint.ts'
import { dataDir, dataOption } from './data-dir.ts'
import { forTerminal } from '../platform/printable.ts'

export interface WorkOptions {
  data?: string
  state: string
  reason?: string
}

const answerTimeoutMs = 30_000

export async function work(action: string, id: string | undefined, options: WorkOptions): Promise<number> {
  const dir = dataDir(options.data)
  const client = await runningCloud(dir)
  if (action === 'list') return list(client, options.state)
  if (id === undefined) throw new Complaint(`${action} which? './stackling work' and './stackling why ID' show the ids of work`)
  const body = action === 'cancel' && options.reason !== undefined ? { reason: options.reason } : {}
  const answer = (await client.post(`/operations/work/${encodeURIComponent(id)}/${action}`, body, answerTimeoutMs)) as {
    work: { name: string; resource_id: string }
  }
  console.log(
    `${answer.work.name} ${action === 'retry' ? 'runs again' : 'is undone'}: './stackling why ${answer.work.resource_id}${dataOption(dir)}' tells how it goes on`,
  )
  return 0
}

async function list(client: AdminClient, state: string): Promise<number> {
  const { text } = await client.get(`/operations/work?state=${encodeURIComponent(state)}`)
  process.stdout.write(forTerminal(String(text)))
  return 0
}

// `stackling status`: what runs on a data directory, where, and how much it holds. Exit code 0 when it runs
// and every service answers, 3 when nothing runs, 1 otherwise.
import { adminClient, type AdminClient } from './admin-client.ts'
import { explain } from './complaint.ts'
import { fullBytes, nearlyFullBytes, roomOf, type Room } from '../server/room.ts'
import { dataDir, dataOption, runningProcess } from './data-dir.ts'
import { answers, objectDocument, versionDocuments } from './wait-for-apis.ts'

/** What is counted: a name to show, a list's path and the key that the list stands under. */
const counted = [
  { what: 'projects', path: '/identity/v3/projects', key: 'projects' },
  { what: 'images', path: '/image/v2/images?limit=1000', key: 'images' },
  { what: 'networks', path: '/network/v2.0/networks?fields=id', key: 'networks' },
  { what: 'routers', path: '/network/v2.0/routers?fields=id', key: 'routers' },
  { what: 'floating IPs', path: '/network/v2.0/floatingips?fields=id', key: 'floatingips' },
  { what: 'servers', path: '/compute/v2.1/servers?all_tenants=1', key: 'servers' },
  { what: 'volumes', path: '/volume/v3/volumes?all_tenants=1', key: 'volumes' },
]

export async function status(options: { data?: string }): Promise<number> {
  const dir = dataDir(options.data)
  const running = runningProcess(dir)
  if (!running) {
    console.log(`nothing runs on ${dir.path}: start it with './stackling up${dataOption(dir)}'`)
    return 3
  }
  console.log(`stackling ${running.version} runs on ${dir.path}`)
  console.log(`  process   ${running.pid}, since ${running.startedAt}`)
  console.log(`  listens   ${running.url}`)
  if (running.publicUrl !== running.url) console.log(`  public    ${running.publicUrl}`)
  if (running.s3Url !== undefined) console.log(`  S3        ${running.s3Url ?? 'off'}`)
  console.log(`  drivers   ${running.drivers} (${running.driversReason})`)
  console.log(`  log       ${dir.logFile}`)
  console.log(`  disk      ${roomText(roomOf(dir.path))}`)
  const asked = [...versionDocuments, objectDocument]
  const answered = await Promise.all(asked.map(({ path }) => answers(running.url, path)))
  asked.forEach(({ service }, index) => console.log(`  ${service.padEnd(9)} ${answered[index] ? 'answers' : 'DOES NOT ANSWER'}`))
  if (answered.includes(false)) return 1
  try {
    const client = adminClient(dir, running.url)
    const counts = await Promise.all(counted.map(async (it) => `${await count(client, it.path, it.key)} ${it.what}`))
    console.log(`  holds     ${counts.join(', ')}`)
  } catch (error) {
    console.log(`  holds     unknown: ${explain(error, dir.path) ?? String(error)}`)
    return 1
  }
  return 0
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1)

/** How much room there is, and what it means when there is none. */
export function roomText({ freeBytes, totalBytes }: Room): string {
  const text = `${gib(freeBytes)} GiB free of ${gib(totalBytes)}`
  if (freeBytes < fullBytes) return `FULL (${text}): guests that write are paused, and go on by themselves when there is room again`
  return freeBytes < nearlyFullBytes ? `NEARLY FULL (${text}): guests that write are paused when it is` : text
}

/** The length of a list; a page that says that there is more is shown as "1000+". */
async function count(client: AdminClient, path: string, key: string): Promise<string> {
  const answer = await client.get(path)
  const rows = answer[key] as unknown[]
  const more = `${key}_links` in answer || 'next' in answer
  return `${rows.length}${more ? '+' : ''}`
}

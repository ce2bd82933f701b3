// Runs inside the lab: DATA_DIR IMAGE KILLS SEED. Tells the story to a cloud with real drivers, kills it at random
// moments, and compares the machine before and after. Exit code 0: all held.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { run, type Place } from '../e2e/place.ts'
import { traces } from '../e2e/traces.ts'
import { logIn } from '../support/client.ts'
import { leftovers } from './leftovers.ts'
import { randomFrom } from './random.ts'
import { tellStory } from './story.ts'
import { Victim } from './victim.ts'
import { untilWithin } from '../support/until.ts'

const longestLifeMs = 18_000
const [dataDir = '', imagePath = '', kills = '5', seed = '1'] = process.argv.slice(2)

/** Every process of the lab but this one and its parents. */
function processes(): { pid: number; line: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && Number(name) > 1)
    .flatMap((name) => {
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return line === '' ? [] : [{ pid: Number(name), line }]
      } catch (error) {
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [] // it ended meanwhile
        throw error
      }
    })
}

const here: Place = {
  prefix: [],
  run,
  processes: () =>
    processes()
      .map(({ line }) => line)
      .filter((line) => !/^(sleep|bash -c|nsenter|.*real-telling)/.test(line)),
  close: async () => {},
}
const guests = () =>
  processes()
    .filter(({ line }) => line.startsWith('qemu-system'))
    .map(({ pid }) => pid)
const look = async () => ({ traces: await traces(here, dataDir), held: leftovers(dataDir) })

const victim = new Victim(dataDir, 'real')
const next = randomFrom(Number(seed))
await victim.start()
await logIn(dataDir) // the first login makes the token keys
// a new cloud settles before it is looked at
let before = await look()
await untilWithin('the new cloud to settle', 60_000, async () => {
  const [earlier, later] = [before, await look()]
  before = later
  return JSON.stringify(earlier) === JSON.stringify(later) || undefined
})

for (let telling = 1; victim.kills < Number(kills); telling++) {
  let told = false
  const story = tellStory({ dataDir, tag: `story${telling}`, image: readFileSync(imagePath) }).finally(() => void (told = true))
  story.catch(() => {}) // looked at below, when the killing is over
  while (!told && victim.kills < Number(kills)) {
    await Promise.race([wait(next() * longestLifeMs), story.catch(() => {})])
    if (told) break
    await victim.kill()
    const running = guests()
    await wait(500)
    assert.deepEqual(guests(), running, 'guests run on while control is dead')
    await victim.start()
  }
  console.log(`telling ${telling}, ${victim.kills} kills: ${JSON.stringify(await story)}`)
}
let last = await look()
// a cached image that something held when its image was deleted goes in the next round, a minute later
await untilWithin('a clean slate', 120_000, async () => {
  last = await look()
  return JSON.stringify(last) === JSON.stringify(before) || undefined
}).catch(() => assert.deepEqual(last, before))
await victim.stop()
process.exit(0)

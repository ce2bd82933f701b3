// Everything that a cloud leaves on a machine while it runs, so that two moments can be compared: links, network
// namespaces, filter rules, processes and files.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'

export interface Traces {
  links: string[]
  namespaces: string[]
  rules: string[]
  processes: string[]
  files: string[]
}

/** What changes on its own while nothing happens. */
const livelyFiles = /^(logs\/|stackling\.db|lock|process\.json|fake\/)/
/** the tests' own, and what runs for a moment */
const ourProcesses = /\/usr\/bin\/openstack|^nsenter |^ip |^nft |^ssh |^arping |^conntrack /

export async function traces(place: Place, dataDir: string): Promise<Traces> {
  const links = await lines(place, ['ip', '-brief', 'link'])
  const namespaces = (await lines(place, ['ip', 'netns', 'list'])).map(firstWord)
  const inside = await Promise.all(namespaces.map((name) => linksInside(place, name)))
  const rules = await lines(place, ['nft', 'list', 'ruleset'])
  return {
    links: links.map(firstWord).sort(),
    namespaces: inside.filter((found) => found !== null).sort(),
    rules: rules.map((line) => line.replace(/counter packets \d+ bytes \d+/, 'counter').trim()),
    processes: place
      .processes()
      .filter((line) => !ourProcesses.test(line))
      .sort(),
    files: globSync('**/*', { cwd: dataDir })
      .filter((path) => !livelyFiles.test(path))
      .map((path) => join('data', path))
      .sort(),
  }
}

/** null: it went away since it was listed. */
async function linksInside(place: Place, name: string): Promise<string | null> {
  const { code, stdout, stderr } = await place.run(['ip', 'netns', 'exec', name, 'ip', '-brief', 'link'])
  if (code !== 0 && /Cannot open network namespace .*No such file/.test(stderr)) return null
  // its file is there before and after the namespace is
  if (code !== 0 && /setting the network namespace .* failed: Invalid argument/.test(stderr)) return `${name}: comes or goes`
  if (code !== 0) throw new Error(`${name}: ${stderr}`)
  return `${name}: ${stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(firstWord)
    .sort()
    .join(' ')}`
}

const firstWord = (line: string): string => /^[^\s@]+/.exec(line)?.[0] ?? ''

async function lines(place: Place, words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await place.run(words)
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return stdout.split('\n').filter((line) => line.trim() !== '')
}

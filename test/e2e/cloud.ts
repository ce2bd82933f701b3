// The cloud of a story, driven as a person drives it: by the `stackling` command.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Place, Ran } from './place.ts'

const stackling = join(import.meta.dirname, '..', '..', 'stackling')
const startTimeoutMs = 240_000

export interface StoryCloud {
  dataDir: string
  cloudsYaml: string
  /** `stackling up --detach`; the text that it printed */
  up(): Promise<string>
  down(): Promise<string>
  command(...words: string[]): Promise<Ran>
}

export function storyCloud(
  place: Place,
  options: { dataDir: string; listen: string; drivers: 'real' | 'fake'; home?: string },
): StoryCloud {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: options.home ?? process.env['HOME'] ?? '/root', LANG: 'C.UTF-8' }
  const command = (...words: string[]) => place.run([stackling, ...words], { env, timeoutMs: startTimeoutMs })
  async function must(...words: string[]): Promise<string> {
    const ran = await command(...words)
    assert.equal(ran.code, 0, `stackling ${words.join(' ')}: ${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }
  return {
    dataDir: options.dataDir,
    cloudsYaml: join(options.dataDir, 'clouds.yaml'),
    command,
    up: () => must('up', '--data', options.dataDir, '--listen', options.listen, '--drivers', options.drivers, '--detach'),
    down: () => must('down', '--data', options.dataDir),
  }
}

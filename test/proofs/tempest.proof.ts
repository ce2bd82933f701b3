// Tempest's public lists, release of tools.txt, each on a fresh cloud with fake drivers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { conformance, runTempest } from '../support/tempest.ts'
import { freePort } from '../support/free-port.ts'

export const about = "Tempest's public lists: identity image network volume compute object-storage interop, or those named"

const stackling = join(import.meta.dirname, '..', '..', 'stackling')
const lists: Record<string, string> = {
  identity: 'tempest-api-identity',
  image: 'tempest-api-image',
  network: 'tempest-api-network',
  volume: 'tempest-api-volume',
  compute: 'tempest-api-compute',
  'object-storage': 'tempest-api-object-storage',
  interop: 'interop-union-required',
  smoke: 'tempest-smoke',
}

export async function prove(words: string[]): Promise<boolean> {
  const asked = words.length > 0 ? words : ['identity', 'image', 'network', 'volume', 'compute', 'object-storage', 'interop']
  let failed = 0
  for (const name of asked) {
    const scratch = mkdtempSync(join(tmpdir(), `proof-${name}-`))
    const data = join(scratch, 'cloud')
    const started = performance.now()
    const up = spawnSync(stackling, ['up', '--detach', '--drivers', 'fake', '--data', data, '--listen', `127.0.0.1:${await freePort()}`], {
      stdio: 'inherit',
    })
    if (up.status !== 0) return false
    const list = join(conformance, 'lists', 'newest', `${lists[name] ?? name}.txt`)
    const counts = await runTempest({
      cloudsYaml: join(data, 'clouds.yaml'),
      lists: [list],
      out: join(scratch, 'results'),
      line: (text) => console.log(`  ${text}`),
    })
    spawnSync(stackling, ['down', '--data', data])
    if ('missing' in counts) {
      console.log(`${name}: left out, ${counts.missing}`)
      return false
    }
    console.log(
      `${name}: passed ${counts.passed}, failed ${counts.failed}, skipped ${counts.skipped} (${Math.round((performance.now() - started) / 1000)} s); results in ${scratch}`,
    )
    failed += counts.failed
    if (counts.failed === 0) rmSync(scratch, { recursive: true })
  }
  return failed === 0
}

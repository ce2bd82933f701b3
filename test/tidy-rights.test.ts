// Who acts with which rights, read from the source as text: the places where the cloud acts as itself are counted, and work
// asks no permission: what a user named is looked up with their rights when it is accepted, never later.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isTestFile, layerOf } from './support/layers.ts'

const root = join(import.meta.dirname, '..')
const files = globSync('src/**/*.ts', { cwd: root })
  .filter((path) => !isTestFile(path))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
const where = (pattern: RegExp, among = files) =>
  Object.fromEntries(among.flatMap(({ path, text }) => (pattern.test(text) ? [[path, count(text, new RegExp(pattern, 'g'))]] : [])))

/** Each with its reason in the call; another one needs a better reason than that it was easier. */
const asTheCloud = {
  'src/compute/consoles/backends/proxy.ts': 1,
  'src/compute/metadata/source.ts': 1,
  'src/image/exported.ts': 1,
  'src/network/networks/auto-topology.ts': 1,
  'src/network/bootstrap.ts': 1,
  'src/network/networks/auto-topology.routes.ts': 1,
  'src/server/cloud.ts': 1,
}

test('F1 the places where the cloud acts as itself are these, each with a reason', () => {
  assert.deepEqual(where(/\.asCloud\(|Context\.ofCloud\(/), asTheCloud)
  for (const { path, text } of files) {
    for (const [, reason = ''] of text.matchAll(/\.(?:asCloud|ofCloud)\((?:\w+, )?([^)]*)\)/g))
      assert.match(reason, /'[^']{15,}'/, `${path} acts as the cloud without saying why`)
  }
})

const work = files.filter(({ path }) => layerOf(path) === 'work')

test('F1 work asks no permission, and calls nothing of another domain that would', () => {
  const asks =
    /\.(allows|authorize)\(|\.isAdmin\b|\b(volumeGet|volumeCreate|volumeAccept|volumeSnapshot|volumeTypeMayBeUsed|attachmentReserve|imageGet|imageOpen|imageReserve|networksForServer|securityGroupsForServer)\(/
  assert.ok(work.length > 30)
  assert.deepEqual(where(asks, work), {})
})

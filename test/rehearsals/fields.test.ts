// A field is added in few places, end to end: five resources are drawn by the commit's hash, server and port always among them; each
// gets a colour in a scratch copy, in at most five files, and then is made with one and shows it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { fieldRecipes, type FieldRecipe } from './fields.ts'
import { scratchCopy, type Scratch } from './rehearse.ts'

const mostFiles = 5
const always = ['server', 'port']

/** Without a repository (a tree that was unpacked) the draw is always the same. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return 'no commit'
  }
}

function drawn(): FieldRecipe[] {
  const hash = commit()
  const lot = ({ resource }: FieldRecipe) =>
    always.includes(resource) ? '' : createHash('sha256').update(`${hash}${resource}`).digest('hex')
  return [...fieldRecipes].sort((a, b) => (lot(a) < lot(b) ? -1 : 1)).slice(0, 5)
}

const five = drawn()
let scratch: Scratch
before(() => void (scratch = scratchCopy()))
after(() => scratch.remove())

for (const { resource, edits } of five) {
  test(`a field of a ${resource} touches at most ${mostFiles} files`, (t) => {
    const files = [...new Set(edits.map(({ path }) => path))]
    t.diagnostic(files.join(', '))
    assert.ok(files.length <= mostFiles, files.join('\n'))
    scratch.edit(edits)
  })
}

test('then there are types for it', () => passes('node_modules/typescript/bin/tsc', '--noEmit'))

test('it is taken, kept and shown', () => {
  scratch.edit([{ path: 'test/rehearsals/colours.test.ts', content: asking(five) }])
  passes('--test', 'test/rehearsals/colours.test.ts')
})

/** A test of the copy: makes one of each with a colour, and reads it back. */
const asking = (recipes: FieldRecipe[]): string => `
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startServerCloud, type ServerCloud } from '../support/server-cloud.ts'

let lab: ServerCloud
before(async () => void (lab = await startServerCloud()))
after(() => lab.stop())
const headers = { 'openstack-api-version': 'compute 2.96' }

for (const { url, key, body } of ${JSON.stringify(recipes.map(({ url, key, body }) => ({ url, key, body })))}) {
  test(key, async () => {
    const wanted: any = { ...body, ...(key === 'server' ? lab.server().server as object : {}), colour: 'green' }
    if (key === 'port') Object.assign(wanted, { network_id: lab.networkId })
    const made = await lab.cloud.request('POST', url, { as: 'member@p1', headers, body: { [key]: wanted } })
    assert.ok(made.status < 300, made.text)
    const id = key === 'keypair' ? made.body.keypair.name : made.body[key].id
    const shown = await lab.cloud.request('GET', url + '/' + id, { as: 'member@p1', headers })
    assert.equal(shown.body[key].colour, 'green', shown.text)
  })
}
`

function passes(...args: string[]): void {
  const output = scratch.run(...args)
  assert.equal(output, null, output ?? '')
}

// What may only become less: exports that nobody imports, casts that say nothing of why, functions longer than a screen.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { isTestFile } from './support/layers.ts'

/** the numbers of today; a change may lower them */
const most = { deadExports: 3, casts: 15, longFiles: 15 }

const root = join(import.meta.dirname, '..')
const files = globSync('{src,test,bench}/**/*.{ts,mjs}', { cwd: root })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const code = files.filter(({ path }) => path.startsWith('src/') && !isTestFile(path))

test('what a file exports is imported somewhere (types aside: those of parameters are named for the reader)', () => {
  const used = new Set<string>()
  /** `import *`, `export *` and `import()` use all of a file */
  const whole = new Set<string>()
  const statement = /^(?:import|export)\s+(?:type\s+)?(?:\w+,?\s*)?(?:\{([^}]*)\}|(\*)(?:\s+as\s+\w+)?)\s*from\s+'(\.[^']+)'/gm
  const nameOf = (text: string) =>
    text
      .trim()
      .replace(/^type /, '')
      .split(/\s+as\s+/)
  for (const { path, text } of files) {
    const target = (module: string) => normalize(join(dirname(path), module))
    for (const [, names = '', star, module = ''] of text.matchAll(statement)) {
      if (star !== undefined) whole.add(target(module))
      for (const each of names.split(',')) used.add(`${target(module)} ${nameOf(each)[0]}`)
    }
    for (const [, module = ''] of text.matchAll(/\bimport\('(\.[^']+)'\)/g)) whole.add(target(module))
  }
  const dead = code.flatMap(({ path, text }) => {
    // migrations are loaded by their folder
    if (whole.has(path) || path.includes('/migrations/')) return []
    const declared = [...text.matchAll(/^export (?:abstract )?(?:async )?(?:function\*?|const|let|class) (\w+)/gm)].map(([, name]) => name)
    const passedOn = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names = '']) =>
      names.split(',').flatMap((each) => (/^\s*(type\b|$)/.test(each) ? [] : nameOf(each).at(-1))),
    )
    return [...declared, ...passedOn].flatMap((name) => (used.has(`${path} ${name}`) ? [] : `${path}: ${name}`))
  })
  atMost(dead, most.deadExports, 'drop the word export, or what nobody needs')
})

test('a cast through unknown says why in a comment above it', () => {
  const casts = code.flatMap(({ path, text }) => {
    const lines = text.split('\n')
    return lines.flatMap((line, index) =>
      line.includes('as unknown as') ? [{ where: `${path}:${index + 1}`, lines: lines.slice(Math.max(0, index - 5), index) }] : [],
    )
  })
  atMost(
    casts.map(({ where }) => where),
    most.casts,
    'types are made to fit, not told that they do',
  )
  const silent = casts.filter(({ lines }) => !lines.some((line) => /^\s*(\/\/|\/?\*)/.test(line)))
  assert.deepEqual(
    silent.map(({ where }) => where),
    [],
  )
})

test('functions fit on a screen, but in these files', () => {
  const { overrides } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    overrides: { files: string[]; rules: object }[]
  }
  const allowed = overrides.flatMap(({ files: some, rules }) => ('max-lines-per-function' in rules ? some : []))
  const named = allowed.filter((path) => path.startsWith('src/') && !path.includes('*'))
  atMost(named, most.longFiles, 'there is a second idea in a function that long')
  const gone = named.filter((path) => !code.some((file) => file.path === path))
  assert.deepEqual(gone, [], 'these files are no more: take them off the list')
})

function atMost(found: string[], limit: number, rule: string): void {
  assert.ok(found.length <= limit, `${found.length} of at most ${limit}: ${rule}\n  ${found.join('\n  ')}`)
}

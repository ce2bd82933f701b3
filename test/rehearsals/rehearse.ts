// Follows a checklist of docs/ to the letter in a scratch copy of the repository: what a block of code is, is said by the line
// above it. `path`: is a new file; `path`, after `text`: comes below the first line with that text; `path`, instead of `text`:
// takes its place.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface Instruction {
  path: string
  place?: { how: 'after' | 'instead of'; text: string }
  content: string
}

/** A page's instructions in their order; every block of TypeScript must be one. */
export function instructions(page: string): Instruction[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  const found = [...text.matchAll(/(?:^|\n)([^\n]*)\n```ts\n([\s\S]*?)\n```/g)].map(([, line = '', content = '']): Instruction => {
    const said = /^`([\w./-]+)`(?:, (after|instead of) `([^`]+)`)?:$/.exec(line)
    assert.ok(said, `${page}: the line above a block says no place: ${line}`)
    const [, path = '', how, where = ''] = said
    return { path, content, ...(how === undefined ? {} : { place: { how: how as 'after', text: where } }) }
  })
  assert.ok(found.length > 0, `${page} has no blocks to follow`)
  return found
}

export interface Scratch {
  follow(page: string): void
  edit(edits: Instruction[]): void
  /** the paths of all its files, those that were made too */
  files(): string[]
  /** a tool or test in the copy; its output when it fails */
  run(...args: string[]): string | null
  remove(): void
}

/** The sources and tests as they are now, with the packages of the original. */
export function scratchCopy(): Scratch {
  const directory = mkdtempSync(join(tmpdir(), 'stackling-rehearsal-'))
  for (const name of [
    'src',
    'test',
    'bench',
    'docs',
    'stackling',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    '.npmrc',
    '.ci',
    '.oxlintrc.json',
    '.oxfmtrc.json',
  ])
    cpSync(join(root, name), join(directory, name), { recursive: true, filter: (path) => !path.endsWith('.tar.gz') })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return {
    follow(page) {
      this.edit(instructions(page))
    },
    edit(edits) {
      for (const { path, place, content } of edits) write(join(directory, path), content, place)
    },
    files: () => globSync(['{src,test,bench,docs,.ci}/**', '*'], { cwd: directory, exclude: ['node_modules'] }),
    run(...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: directory,
        encoding: 'utf8',
        timeout: 120_000,
        env: cleanEnv(),
      })
      return status === 0 ? null : `${stdout}${stderr}`.slice(-4000)
    },
    remove: () => rmSync(directory, { recursive: true }),
  }
}

function write(file: string, content: string, place: Instruction['place']): void {
  if (!place) {
    assert.ok(!existsSync(file), `${file} is there already`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${content}\n`)
    return
  }
  const text = readFileSync(file, 'utf8')
  const at = text.indexOf(place.text)
  assert.ok(at >= 0, `${file} does not hold '${place.text}'`)
  const lineEnd = text.indexOf('\n', at) + 1
  const next =
    place.how === 'after'
      ? text.slice(0, lineEnd) + content + '\n' + text.slice(lineEnd)
      : text.slice(0, at) + content.trim() + text.slice(at + place.text.length)
  writeFileSync(file, next)
}

/** Else a test within a test would report to the outer one's runner. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return env
}

// The rules of the frame as a test: who may import whom, where the outside world and SQL may appear, how long a
// file may be and what it may be called. It reads the source as text, so it is fast and needs no compiler.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { isTestFile, layerOf } from './support/layers.ts'

const root = join(import.meta.dirname, '..')
const domains = globSync('src/*/domain.ts', { cwd: root }).map((path) => path.split('/')[1] ?? '')
const longestFile = 400
// a test file's set-up serves all its tests
const longestTest = 450

interface Import {
  line: number
  typeOnly: boolean
  /** the module as written, or for one of ours its path from the repository */
  target: string
}

interface Source {
  path: string
  text: string
  lines: string[]
  /** 'compute', 'platform', 'cli', …; 'main.ts' is of 'cli' */
  part: string
  /** the room in the domain: 'routes', 'store', …: see support/layers.ts */
  layer: string
  isTest: boolean
  imports: Import[]
}

const importPattern = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm

function readSource(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const part = path.split('/')[1] ?? ''
  const imports = [...text.matchAll(importPattern)].map((match): Import => {
    const module = match[2] ?? match[3] ?? ''
    const target = module.startsWith('.') ? normalize(join(dirname(path), module)) : module
    return { line: text.slice(0, match.index).split('\n').length, typeOnly: match[1] !== undefined || onlyTypes(match[0]), target }
  })
  const isTest = isTestFile(path)
  return { path, text, lines: text.split('\n'), part: part === 'main.ts' ? 'cli' : part, layer: layerOf(path), isTest, imports }
}

/** `import { type A, type B } from …` brings no code either. */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]
  return (
    names !== undefined &&
    !/^import\s+\w/.test(statement) &&
    names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
  )
}

/** their parts are constants of the same file */
const patternsOfConstants = ['src/placement/candidate-request.ts', 'src/placement/routes/traits.ts']

const sources = globSync('{src,test,bench}/**/*.ts', { cwd: root }).sort().map(readSource)
const code = sources.filter(({ isTest, path }) => path.startsWith('src/') && !isTest)
const inDomain = code.filter(({ part }) => domains.includes(part))

const imports = (files: Source[]) => files.flatMap((file) => file.imports.map((it) => ({ file, ...it, where: `${file.path}:${it.line}` })))
const partOf = (target: string): string | undefined => /^src\/([^/]+)/.exec(target)?.[1]
const none = (found: string[], rule: string) => assert.ok(found.length === 0, `${rule}\n  ${found.join('\n  ')}`)

test('a domain uses another through its index.ts only', () => {
  const found = imports(inDomain.concat(sources.filter(({ isTest, part }) => isTest && domains.includes(part)))).filter(
    ({ file, target }) => {
      const other = partOf(target)
      return other !== undefined && other !== file.part && domains.includes(other) && target !== `src/${other}/index.ts`
    },
  )
  // a domain's wiring is the server's business; its own tests may look at it
  const wired = imports(code).filter(
    ({ file, target }) =>
      /^src\/\w+\/domain\.ts$/.test(target) && domains.includes(partOf(target) ?? '') && file.path !== 'src/server/domains.ts',
  )
  none(
    found.concat(wired).map(({ where, target }) => `${where} imports ${target}`),
    "another domain's inner files are its own business: use its index.ts",
  )
})

test('the face of a domain is a list of what it exports, and nothing else', () => {
  const faces = inDomain.filter(({ path }) => /^src\/\w+\/index\.ts$/.test(path))
  none(
    faces.flatMap(({ path, text }) => {
      const rest = text.replaceAll(/^\/\/.*$/gm, '').replaceAll(/^export (type )?(\*|\{[^}]*\}) from '[^']+'$/gm, '')
      return rest.trim() === '' ? [] : [path]
    }),
    'an index.ts re-exports; code stands in a file of its own, wiring in domain.ts',
  )
})

test('logic has two floors: facts, which know no work, and requests, which begin it; work stands on facts', () => {
  const values = new Map(inDomain.map((file) => [file.path, file.imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)]))
  const begins = new Map<string, boolean>()
  /** does a file of logic lead to work of its domain? */
  const isRequest = (path: string): boolean => {
    const known = begins.get(path)
    if (known !== undefined) return known
    begins.set(path, false)
    const found = (values.get(path) ?? []).some(
      (target) => partOf(target) === partOf(path) && (layerOf(target) === 'work' || (layerOf(target) === 'logic' && isRequest(target))),
    )
    begins.set(path, found)
    return found
  }
  const found = imports(inDomain.filter(({ layer }) => layer === 'work')).filter(
    ({ file, target, typeOnly }) => !typeOnly && partOf(target) === file.part && layerOf(target) === 'logic' && isRequest(target),
  )
  none(
    found.map(({ where, target }) => `${where} imports ${target}, which begins work`),
    'a saga that begins what requests begin has a step to share, or a fact',
  )
})

test('layers go routes → logic → store and work, never backwards', () => {
  const allowed: Record<string, string[]> = {
    routes: ['routes', 'views', 'logic'],
    views: ['views', 'logic'],
    logic: ['logic', 'store', 'work', 'backends'],
    work: ['work', 'store', 'logic', 'backends'],
    store: ['store'],
    backends: ['backends', 'logic'],
  }
  const found = imports(inDomain).filter(({ file, target, typeOnly }) => {
    if (typeOnly || partOf(target) !== file.part || file.layer === 'index') return false
    return !allowed[file.layer]?.includes(layerOf(target))
  })
  none(
    found.map(({ where, target }) => `${where} imports ${target}`),
    'a lower layer does not know the one above it',
  )
})

test('contract knows nobody, platform and host no domain, and nothing but cli knows cli and server', () => {
  const allowed: Record<string, string[]> = {
    contract: ['contract'],
    platform: ['platform', 'contract'],
    host: ['host', 'platform', 'contract'],
    server: ['server', 'platform', 'contract', 'host', ...domains],
    cli: ['cli', 'server', 'platform', 'contract', 'host'],
  }
  const found = imports(code).filter(({ file, target }) => {
    const other = partOf(target)
    if (other === undefined || other === file.part) return false
    if (domains.includes(file.part)) return !domains.includes(other) && other !== 'platform' && other !== 'contract'
    return !(allowed[file.part] ?? []).includes(other)
  })
  none(
    found.map(({ where, target }) => `${where} imports ${target}`),
    'the frame allows no such dependency',
  )
})

test('domains do not touch the outside world themselves', () => {
  const pure = /^import \{ (isIP(v4|v6)?(, )?)+ \} from 'node:net'/
  const worldly =
    /^(node:)?(net|http|https|http2|tls|dgram|dns|child_process|fs|fs\/promises|sqlite|worker_threads|cluster|os)$|^(pg|ws|pino)$/
  const found = imports(inDomain.filter(({ layer }) => layer !== 'backends')).filter(
    ({ file, line, target, typeOnly }) => !typeOnly && worldly.test(target) && !pure.test(file.lines[line - 1] ?? ''),
  )
  none(
    found.map(({ where, target }) => `${where} imports ${target}`),
    'files, sockets and processes belong to platform, host and backends',
  )
})

test('of typebox only types are taken: its values bring 373 files into every start', () => {
  const found = imports(code).filter(({ target, typeOnly }) => target === 'typebox' && !typeOnly)
  none(
    found.map(({ where }) => where),
    'schemas are built by platform/api/type.ts',
  )
})

test('nothing but platform (and the command) reads the clock or makes random things', () => {
  const banned =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\brandomInt\(|\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(|\bperformance\.now\(|\bprocess\.env\b|\bprocess\.hrtime|\b(await|return) fetch\(|[=(,] ?fetch\(/
  const files = code.filter(({ part }) => part !== 'platform' && part !== 'cli')
  none(grep(files, banned), 'time, chance and the environment are passed in (ctx.clock, ctx.ids, config)')
})

test('SQL stands in store/ and platform only', () => {
  const sql = /from 'kysely'|\.(selectFrom|insertInto|updateTable|deleteFrom)\(/
  const files = code.filter(({ part, layer, path }) => part !== 'platform' && layer !== 'store' && path !== 'src/server/settings.ts')
  none(grep(files, sql), 'queries belong into the store folder of their domain')
})

/** Where a token's roles are data: what a token, a credential or an image says of who made it. Who may do what is decided nowhere from them. */
const rolesAsData = ['src/identity/application-credentials.ts', 'src/compute/servers/actions/image.ts']

test('who may do what is said by policy alone: no domain looks into a token’s roles', () => {
  const roles = grep(inDomain, /\b(actor|credentials)\??\.roles\b|\{[^}]*\broles\b[^}]*\} = (ctx|tx)\.(actor|credentials)/)
  none(
    roles.filter((where) => !rolesAsData.some((path) => where.startsWith(path))),
    'ask ctx.allows() or ctx.isAdmin: an operator’s policy file must count everywhere',
  )
})

test('a question to the policy whose answer nobody looks at is no question', () => {
  // a line that begins with the question while the line before it was a whole one
  const unheard = /(?<=[{};)\]\w'`.]\n)[ \t]*(void |await )?(\w+\.)+(allows|isAdmin)\b(?!.*(=>|\?|&&|\|\|))/g
  none(
    code.flatMap(({ path, text }) => [...text.matchAll(unheard)].map(([found]) => `${path}: ${found.trim()}`)),
    'the look-up of platform/api/lookup.ts asks by itself; what asks nobody must not answer',
  )
})

test('F11 tables that names from outside are looked up in have no prototype', () => {
  const literal = /\bconst \w+: (Partial<|Readonly<)?Record<string, .*> = \{/
  none(
    grep(
      code.filter(({ part, path }) => part !== 'cli' && path !== 'src/platform/table.ts'),
      literal,
    ),
    'write table({ … }) of platform/table.ts: a literal finds `constructor` too',
  )
})

test('F16 what the command prints of the cloud’s answers goes through the one escaping function', () => {
  const printed = code.filter(({ part }) => part === 'cli').flatMap((file) => grep([file], /process\.stdout\.write\(/))
  none(
    printed.filter((line) => !line.includes('forTerminal(') && !line.includes('src/cli/test.ts')),
    'a tenant’s name may hold escape codes: forTerminal() of platform/printable.ts',
  )
})

test('F3 F8 no pattern of the engine’s own is made from a text that is not written there', () => {
  const made = grep(code, /\bRegExp\(/).filter(
    (where) => !/src\/(host|cli)\//.test(where) && !patternsOfConstants.some((path) => where.startsWith(path)),
  )
  none(made, 'a user’s text becomes a pattern by platform/pattern.ts only: the engine’s own can be made to run for ever')
})

test('HTTP status codes stand in routes and platform only', () => {
  // the metadata service speaks HTTP by itself: its answers go out through the host
  const files = inDomain.filter(({ layer, path }) => ['store', 'work', 'logic'].includes(layer) && !path.includes('/metadata/'))
  none(
    grep(files, /\bstatus(Code)?: [1-5]\d\d\b|\.code\([1-5]\d\d\)/),
    'logic throws ApiError by its code; the number is in platform/errors.ts',
  )
})

test('files are small, named after what they are, and open with what they are for', () => {
  const long = sources
    .filter(({ lines, isTest }) => lines.length > (isTest ? longestTest : longestFile) + 1)
    .map(({ path, lines }) => `${path}: ${lines.length} lines`)
  const named = sources
    .filter(({ path }) => /(^|[-/.])(utils?|helpers?|manager|misc|common)([-.]|$)/.test(basename(path)))
    .map(({ path }) => path)
  const cased = sources.filter(({ path }) => !/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(basename(path))).map(({ path }) => path)
  const dumb = code.filter(({ lines }) => !/^(\/\/ |\/\*\* )/.test(lines[0] ?? '')).map(({ path }) => path)
  none(long, `no file is longer than ${longestFile} lines: there is a second idea in it`)
  none(named, 'such a name says nothing')
  none(cased, 'file names are kebab-case')
  none(dumb, 'a file opens with a comment that says what it is')
})

test('no test is left out or alone by accident', () => {
  const tests = sources.filter(({ isTest, path }) => isTest && path !== 'test/tidy.test.ts')
  none(grep(tests, /\b(test|it|describe)\.only\(|\bonly: true\b/), 'only() keeps the other tests from running')
})

test('no file names a registry, and the lockfile has no download address', () => {
  const files = ['package-lock.json', '.npmrc', 'stackling', '.ci/run']
  const found = files.filter((path) =>
    /"resolved": "https?:|registry\s*=|registry\.[a-z]+\.[a-z]+/.test(readFileSync(join(root, path), 'utf8')),
  )
  none(found, 'where packages come from is the business of the machine, not of the repository')
})

function grep(files: Source[], pattern: RegExp): string[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) =>
      pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
    ),
  )
}

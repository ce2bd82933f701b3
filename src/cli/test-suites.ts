// What `stackling test` runs, in this order: cheap first. A suite is either one check (a tool that says yes or no)
// or test files for node:test, all in one process or each in its own.
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

export interface Suite {
  name: string
  /** a tool whose exit code is the one result */
  tool?: string[]
  /** test files, relative to the repository */
  files?: string[]
  /** all files in one process: for tests that touch nothing but memory and scratch files */
  together?: boolean
  /** needs root: real guests and networks, in namespaces of their own */
  root?: boolean
  /** added to the environment of its process */
  env?: Record<string, string>
  /** starts whole clouds and waits for them: such suites run one after the other, beside all that computes */
  wholeClouds?: boolean
  /** why it cannot run here */
  missing?: string | undefined
  timeoutMs: number
}

const minuteMs = 60_000
/** tests of sagas and what they need (shared steps, sockets): on the other database on demand, TEST_DATABASE=postgres */
const ofWork = /\/(work|steps|backends|store|checks)\/|\.real\.test\.ts$|sagas|abandoned/
const ownSuite = /^test\/([^/]+)\//

/** The suites that the repository holds; a folder of test/ is a suite of its own. */
export function suites(repository: string): Suite[] {
  const bin = (name: string) => join(repository, 'node_modules', '.bin', name)
  const find = (pattern: string) => globSync(pattern, { cwd: repository }).sort()
  const isReal = (file: string) => file.endsWith('.real.test.ts')
  const unit = find('src/**/*.test.ts')
  const folders = [...new Set(find('test/*/**/*.test.ts').map((file) => ownSuite.exec(file)?.[1] ?? ''))].sort(slowLast)
  const code = ['src', 'test', 'bench'].filter((folder) => globSync(`${folder}/**/*.ts`, { cwd: repository }).length > 0)
  return [
    { name: 'types', tool: [process.execPath, bin('tsc'), '--noEmit'], timeoutMs: 3 * minuteMs },
    { name: 'lint', tool: [process.execPath, bin('oxlint'), '--deny-warnings', ...code], timeoutMs: minuteMs },
    { name: 'format', tool: [process.execPath, bin('oxfmt'), '--check', ...code], timeoutMs: minuteMs },
    { name: 'tidy', files: find('test/*.test.ts'), together: true, timeoutMs: minuteMs },
    { name: 'unit', files: unit.filter((file) => !isReal(file)), together: true, timeoutMs: 12 * minuteMs },
    onPostgres(find('src/{compute,image,network,placement,volume}/**/*.test.ts').filter((file) => !ofWork.test(file))),
    ...folders.map((folder): Suite => {
      const files = find(`test/${folder}/**/*.test.ts`).filter((file) => !isReal(file))
      return { name: folder, files, wholeClouds: slow.includes(folder), timeoutMs: 30 * minuteMs }
    }),
    { name: 'unit, real', files: unit.filter(isReal), root: true, wholeClouds: true, timeoutMs: 12 * minuteMs },
    ...folders.map((folder): Suite => ({
      name: `${folder}, real`,
      files: find(`test/${folder}/**/*.real.test.ts`),
      root: true,
      wholeClouds: true,
      timeoutMs: 15 * minuteMs,
    })),
  ].filter(({ files }: Suite) => files === undefined || files.length > 0)
}

/** The domains' tests through the API once more, on the other database; sagas and the rest on demand: TEST_DATABASE=postgres. */
const onPostgres = (files: string[]): Suite => ({
  name: 'api, PostgreSQL',
  files,
  together: true,
  env: { TEST_DATABASE: 'postgres' },
  timeoutMs: 12 * minuteMs,
  missing: existsSync('/usr/lib/postgresql') ? undefined : 'PostgreSQL is not installed',
})

/** What starts whole clouds comes after what runs in one process. */
const slow = ['faults', 'crash', 'e2e']
const slowLast = (a: string, b: string) => slow.indexOf(a) - slow.indexOf(b) || (a < b ? -1 : 1)

/** Keeps what --only asks for: whole suites by name, or the files whose path contains the text. */
export function onlySuites(all: Suite[], text: string | undefined): Suite[] {
  if (text === undefined) return all
  return all.flatMap((suite) => {
    if (suite.name.includes(text)) return [suite]
    const files = suite.files?.filter((file) => file.includes(text)) ?? []
    return files.length > 0 ? [{ ...suite, files }] : []
  })
}

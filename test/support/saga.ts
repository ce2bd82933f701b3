// The seven tests of every saga: it succeeds; it unwinds from each of its steps, and from each commit; each undo may happen
// twice, and may fail once; each step may happen twice; what its hosts hear again when it is through changes nothing. All end
// with the clean-slate check: after tidying, the cloud holds what it held before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostError, isCall } from '../../src/contract/call.ts'
import { delay, systemClock } from '../../src/platform/clock.ts'
import type { HostRegistry } from '../../src/platform/hosts.ts'
import { PermanentError, type Saga, type Step, type WorkContext } from '../../src/platform/work/definition.ts'
import { sql } from '../../src/platform/store/store.ts'
import type { TestCloud } from './cloud.ts'

/** eslint-like narrowing is of no use here: a saga's data is its own business */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnySaga = Saga<any>
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyStep = Step<any>

export interface SagaScenario<Subject> {
  /** what the test is called by */
  name: string
  saga: AnySaga
  cloud(): TestCloud
  /** makes what the saga works on; settled when it resolves */
  prepare(): Promise<Subject>
  /** asks for the saga, through the API */
  start(subject: Subject): Promise<void>
  /** what must be so when it is through */
  succeeded(subject: Subject): Promise<void>
  /** what must be so when it was undone after this step failed */
  unwound(subject: Subject, failing: string): Promise<void>
  /** takes everything away that prepare and the saga made */
  tidy(subject: Subject): Promise<void>
  /** steps that do not apply in this scenario */
  passedOver?: string[]
}

/** Declares the seven tests. */
export function testSaga<Subject>(scenario: SagaScenario<Subject>): void {
  const { name, saga } = scenario
  const steps = saga.steps.filter((step) => !scenario.passedOver?.includes(step.name))
  const last = steps.at(-1)
  assert.ok(last)
  test(`${name}: succeeds`, () => run(scenario, (step) => step, scenario.succeeded))
  for (const failing of steps) {
    test(`${name}: unwinds from '${failing.name}'`, async () => {
      const failure = failsAfter(failing.name)
      await run(scenario, failure.change, (subject) => scenario.unwound(subject, failing.name))
      assert.ok(failure.happened(), `the step '${failing.name}' never ran`)
    })
  }
  for (const failing of steps.filter(({ commit }) => commit)) {
    test(`${name}: unwinds when the rows of '${failing.name}' are refused`, async () => {
      const failure = failsAfter(failing.name, 'commit')
      await run(scenario, failure.change, (subject) => scenario.unwound(subject, failing.name))
      assert.ok(failure.happened(), `the rows of '${failing.name}' were never written`)
    })
  }
  test(`${name}: each undo may happen twice`, async () => {
    const failure = failsAfter(last.name)
    await run(
      scenario,
      (step) => twice(failure.change(step), 'undo'),
      (subject) => scenario.unwound(subject, last.name),
    )
  })
  test(`${name}: each undo may fail once`, async () => {
    const failure = failsAfter(last.name)
    await run(
      scenario,
      (step) => failsOnce(failsOnce(failure.change(step), 'undo'), 'undoCommit'),
      (subject) => scenario.unwound(subject, last.name),
    )
  })
  test(`${name}: each step may happen twice`, () => run(scenario, (step) => twice(step, 'run'), scenario.succeeded))
  test(`${name}: hosts may hear everything again when it is through, the last first`, async () => {
    const { hosts } = scenario.cloud().platform
    let heard: Heard | undefined
    const prepare = async () => {
      const subject = await scenario.prepare()
      await settled(scenario.cloud())
      heard = listen(hosts)
      return subject
    }
    await run(
      { ...scenario, prepare },
      (step) => step,
      async (subject) => {
        await heard?.again()
        await scenario.succeeded(subject)
      },
    )
  })
}

interface Heard {
  /** ends listening, and delivers all that was heard once more, as messages that come doubled and very late */
  again(): Promise<void>
}

/** Hears what hosts are told with a fence. */
function listen(hosts: HostRegistry): Heard {
  const messages: (() => Promise<unknown>)[] = []
  const heardBy = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...args: unknown[]) => {
          if (args.some(isCall))
            messages.push(async () =>
              Reflect.apply(
                method,
                target,
                args.map((arg) => (isCall(arg) ? { fence: arg.fence, requestId: arg.requestId } : arg)),
              ),
            )
          return Reflect.apply(method, target, args)
        }
      },
    })
  const known = hosts.names().map((name) => hosts.get(name))
  for (const host of known)
    hosts.add({ ...host, guests: heardBy(host.guests), volumes: heardBy(host.volumes), network: heardBy(host.network) })
  return {
    async again() {
      for (const host of known) hosts.add(host)
      for (const message of messages.reverse()) {
        await message().catch((error: unknown) => {
          if (!(error instanceof HostError)) throw error // a host may refuse it, or find nothing to do it to
        })
      }
    },
  }
}

/** The named step does its work, or writes its rows, and then fails, once and for all. */
function failsAfter(failing: string, what: 'run' | 'commit' = 'run'): { change(step: AnyStep): AnyStep; happened(): boolean } {
  let happened = false
  return {
    happened: () => happened,
    change: (step) =>
      step.name !== failing
        ? step
        : {
            ...step,
            async [what](work: WorkContext, data: never) {
              await step[what]?.(work, data)
              happened = true
              throw new PermanentError(`sabotaged after '${failing}'`)
            },
          },
  }
}

/** The first time it is done half way, and nobody knows whether it was. */
function failsOnce(step: AnyStep, what: 'undo' | 'undoCommit'): AnyStep {
  const once = step[what]
  if (!once) return step
  let tried = 0
  return {
    ...step,
    async [what](work: WorkContext, data: never) {
      const found = await once(work, data)
      if (tried++ === 0) throw new HostError('unreachable', 'sabotaged: its answer was lost')
      return found
    },
  }
}

function twice(step: AnyStep, what: 'run' | 'undo'): AnyStep {
  const once = step[what]
  if (!once) return step
  return {
    ...step,
    async [what](work: Parameters<typeof once>[0], data: Parameters<typeof once>[1]) {
      await once(work, data)
      return once(work, data)
    },
  }
}

async function run<Subject>(
  scenario: SagaScenario<Subject>,
  change: (step: AnyStep) => AnyStep,
  check: (subject: Subject) => Promise<void>,
): Promise<void> {
  const cloud = scenario.cloud()
  const before = await holdings(cloud)
  const subject = await scenario.prepare()
  await settled(cloud)
  const kept = [...scenario.saga.steps]
  scenario.saga.steps.splice(0, kept.length, ...kept.map(change))
  try {
    await scenario.start(subject)
    await settled(cloud)
  } finally {
    scenario.saga.steps.splice(0, kept.length, ...kept)
  }
  await check(subject)
  await scenario.tidy(subject)
  await settled(cloud)
  assert.deepEqual(await holdings(cloud), before, 'the slate is not clean')
}

/** No saga is under way any more. */
export async function settled(cloud: Pick<TestCloud, 'platform' | 'engine'>): Promise<void> {
  for (let tried = 0; tried < 3000; tried++) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from work_items where kind = 'saga' and state <> 'dead'`.execute(
      cloud.platform.store.as(),
    )
    if (Number(rows[0]?.n) === 0) return
    cloud.engine.wake()
    await delay(systemClock, 10)
  }
  const { rows } = await sql`select name, resource_id, state, phase, step, attempts, reason from work_items where kind = 'saga'`.execute(
    cloud.platform.store.as(),
  )
  assert.fail(`sagas never ended: ${JSON.stringify(rows)}`)
}

interface Column {
  table: string
  column: string
}

/** Tables that only grow: history. */
const history = /^(events|counters|kysely_.*|settings|compute_numbers|server_migrations|host_networks|sqlite_.*|console_tokens)$/

/** Rows per table and what every host holds. */
export async function holdings(cloud: Pick<TestCloud, 'platform'>): Promise<Record<string, unknown>> {
  const { store } = cloud.platform
  const db = store.as()
  const { rows: columns } =
    store.dialect === 'sqlite'
      ? await sql<Column>`select t.name as "table", c.name as "column" from sqlite_master as t join pragma_table_info(t.name) as c where t.type = 'table'`.execute(
          db,
        )
      : await sql<Column>`select table_name as "table", column_name as "column" from information_schema.columns where table_schema = 'public'`.execute(
          db,
        )
  const found: Record<string, unknown> = {}
  for (const [name, of] of Map.groupBy(columns, ({ table }) => table)) {
    if (history.test(name)) continue
    const marked = of.some(({ column }) => column === 'deleted')
      ? sql`where deleted = 0`
      : name === 'work_items'
        ? sql`where kind = 'saga'`
        : sql``
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)} ${marked}`.execute(db)
    found[name] = Number(rows[0]?.n)
  }
  for (const name of cloud.platform.hosts.names()) {
    const host = cloud.platform.hosts.get(name)
    found[`guests of ${name}`] = (await host.guests.list()).map(({ id }) => id)
    found[`volumes of ${name}`] = (await host.volumes.list()).map(({ volumeId }) => volumeId)
  }
  return found
}

// One pass over all containers that have a lifecycle.
import type { Platform } from '../../../platform/context.ts'
import {
  engineOf,
  objectDelete,
  objectsList,
  uploadAbort,
  uploadsList,
  versionsList,
  type By,
  type Engine,
  type ListedVersion,
} from '../../engine/index.ts'
import { ObjectRefusal } from '../../refusal.ts'
import { containersWithLifecycle } from '../../store/lifecycle.ts'
import type { ContainerRow, ObjectRow, VersionRow } from '../../store/tables.ts'
import { expirationOf, isAbortDue, isMarkerDue, isNoncurrentDue, type LifecycleRule } from '../rules.ts'

const by: By = { userId: null, projectId: null, requestId: 'lifecycle' }
const page = 500

interface Pass {
  engine: Engine
  container: ContainerRow
  rules: LifecycleRule[]
  nowUs: number
}

export async function lifecyclesKeep(platform: Platform): Promise<void> {
  const engine = engineOf(platform)
  const nowUs = platform.clock.nowMs() * 1000
  let after = ''
  for (;;) {
    const containers = await containersWithLifecycle(engine.store, { after, limit: page })
    for (const container of containers) {
      const rules = (container.settings['lifecycle'] as LifecycleRule[]).filter(({ enabled }) => enabled)
      const pass = { engine, container, rules, nowUs }
      await uploadsAbort(pass)
      await objectsEnd(pass)
      await versionsEnd(pass)
      after = container.id
    }
    if (containers.length < page) return
  }
}

const place = ({ container: { account, name } }: Pass) => ({ account, container: name })

/** What changed meanwhile, or is locked, stays. */
async function unlessChanged(act: Promise<unknown>): Promise<void> {
  try {
    await act
  } catch (error) {
    if (!(error instanceof ObjectRefusal)) throw error
  }
}

async function uploadsAbort(pass: Pass): Promise<void> {
  const { engine, container, rules, nowUs } = pass
  if (!rules.some(({ abortDays }) => abortDays !== undefined)) return
  let marker: { marker: string; idMarker: string } | undefined
  for (;;) {
    const { entries, truncated } = await uploadsList(engine, container, { limit: page, ...marker })
    const rows = entries.flatMap((entry) => ('row' in entry ? [entry.row] : []))
    for (const { id, name, created_us: createdUs } of rows) {
      if (isAbortDue(rules, { name, createdUs }, nowUs))
        await unlessChanged(uploadAbort(engine, { by, ...place(pass), name, uploadId: id }))
    }
    const last = rows.at(-1)
    if (!truncated || !last) return
    marker = { marker: last.name, idMarker: last.id }
  }
}

const ended = ({ name, bytes, system }: ObjectRow) => ({ name, bytes, tags: system.tags ?? {} })

async function objectsEnd(pass: Pass): Promise<void> {
  const { engine, container, rules, nowUs } = pass
  if (!rules.some(({ expireDays, expireAtUs }) => expireDays !== undefined || expireAtUs !== undefined)) return
  let marker = ''
  for (;;) {
    const { entries, truncated, last = '' } = await objectsList(engine, container, { limit: page, marker })
    for (const entry of entries) {
      if (!('row' in entry)) continue
      const { row } = entry
      const found = expirationOf(rules, { ...ended(row), writtenUs: row.version_us })
      if (found && found.atUs <= nowUs)
        await unlessChanged(objectDelete(engine, { by, ...place(pass), name: row.name, guard: sameAs(row) }))
    }
    if (!truncated) return
    marker = last
  }
}

const sameAs =
  ({ version_us }: ObjectRow) =>
  (current: ObjectRow | undefined): void => {
    if (current?.version_us !== version_us)
      throw new ObjectRefusal('precondition', { condition: 'if-match', exists: current !== undefined })
  }

/** Versions behind the current one, and markers with nothing behind them. */
async function versionsEnd(pass: Pass): Promise<void> {
  const { engine, container, rules } = pass
  const isAsked = rules.some(({ noncurrentDays, expireMarkers, expireDays }) =>
    [noncurrentDays, expireMarkers, expireDays].some((each) => each !== undefined),
  )
  if (container.versioning === '' || !isAsked) return
  let before: ListedVersion[] = []
  let marker: Parameters<typeof versionsList>[2] = { limit: page }
  for (;;) {
    const { entries, truncated } = await versionsList(engine, container, marker)
    const rows = [...before, ...entries.flatMap((entry) => ('row' in entry ? [entry.row] : []))]
    const last = rows.at(-1)
    // the versions of a page's last name may go on in the next one; more than some pages of one name are taken as they come
    const isOpen = (row: ListedVersion) => truncated && row.name === last?.name && rows.length < 10 * page
    const whole = rows.filter((row) => !isOpen(row))
    for (const versions of byName(whole)) await nameEnd(pass, versions)
    if (!truncated || !last) return
    before = rows.filter(isOpen)
    marker = { limit: page, marker: last.name, versionMarker: last.is_null ? 'null' : last.version_us }
  }
}

const byName = (rows: ListedVersion[]): ListedVersion[][] => [...Map.groupBy(rows, ({ name }) => name).values()]

async function nameEnd(pass: Pass, versions: ListedVersion[]): Promise<void> {
  const { engine, rules, nowUs } = pass
  const end = (row: VersionRow) =>
    unlessChanged(objectDelete(engine, { by, ...place(pass), name: row.name, version: row.is_null ? 'null' : row.version_us }))
  const [newest] = versions
  if (versions.length === 1 && newest?.is_marker && newest.is_latest) {
    if (isMarkerDue(rules, { name: newest.name, writtenUs: newest.version_us }, nowUs)) await end(newest)
    return
  }
  let newer = 0
  for (const [index, row] of versions.entries()) {
    if (row.is_latest) continue
    const sinceUs = versions[index - 1]?.version_us ?? row.version_us
    if (isNoncurrentDue(rules, { ...ended(row), sinceUs, newer }, nowUs)) await end(row)
    newer++
  }
}

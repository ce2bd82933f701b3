// Accounts: made by the first write into them, changed by their metadata, gone when they are deleted.
import { ObjectRefusal } from '../refusal.ts'
import { accountRows, claimRows } from '../store/accounts.ts'
import { containerRows } from '../store/containers.ts'
import { objectRows } from '../store/objects.ts'
import type { AccountRow, ContainerRow } from '../store/tables.ts'
import { versionRows } from '../store/versions.ts'
import { accountEnsure, act, told, type Act } from './act.ts'
import { metadataChanged, settingsChanged, type MetadataChange } from './containers.ts'
import { containerCount } from './counts.ts'
import { currentEnd, versionEnd } from './current.ts'
import type { By, Engine } from './engine.ts'
import { uploadsEnd } from './uploads-end.ts'

/** With `deleted_us` it is gone. */
export const accountFind = ({ store }: Engine, account: string): Promise<AccountRow | undefined> => accountRows.find(store, account)

interface AccountUpdate {
  by: By
  account: string
  set?: MetadataChange | undefined
  settings?: Record<string, unknown> | undefined
}

/** Metadata and settings are merged; null or '' removes. */
export function accountUpdate(engine: Engine, { by, account, set, settings }: AccountUpdate): Promise<AccountRow> {
  return act(engine, { by }, async (it) => {
    await accountEnsure(it, account)
    const row = await accountRows.find(it.db, account)
    if (!row) throw new ObjectRefusal('no-account', { account })
    const changed = { metadata: metadataChanged(row.metadata, set), settings: settingsChanged(row.settings, settings) }
    await accountRows.update(it.db, account, changed)
    told(it, { type: 'account', account, action: 'update', details: { names: Object.keys({ ...set, ...settings }) } })
    return { ...row, ...changed }
  })
}

/** From now on it answers as gone; what is in it is removed by `accountErase`. */
export function accountDelete(engine: Engine, { by, account }: { by: By; account: string }): Promise<void> {
  return act(engine, { by }, async (it) => {
    await accountEnsure(it, account)
    await accountRows.update(it.db, account, { deleted_us: it.nowUs })
    told(it, { type: 'account', account, action: 'delete' })
  })
}

/** rows of one act */
const erasedAtOnce = 200

/** Removes some of what is in an account, whatever locks it; `done` when nothing is left, and then the account itself. */
export function accountErase(engine: Engine, { by, account }: { by: By; account: string }): Promise<{ done: boolean }> {
  return act(engine, { by }, async (it) => {
    const [container] = await containerRows.page(it.db, account, { reverse: false, limit: 1 })
    if (!container) {
      if (await accountRows.delete(it.db, account)) told(it, { type: 'account', account, action: 'delete' })
      return { done: true }
    }
    await containerErase(it, container)
    return { done: false }
  })
}

async function containerErase(it: Act, container: ContainerRow): Promise<void> {
  const { id: containerId, account, name } = container
  const objects = await objectRows.first(it.db, containerId, erasedAtOnce)
  for (const row of objects) await currentEnd(it, container, { ...row, system: {} })
  const versions = await versionRows.page(it.db, containerId, { reverse: false, limit: erasedAtOnce })
  for (const row of versions) await versionEnd(it, container, { ...row, system: {} })
  await uploadsEnd(it, container)
  if (objects.length === erasedAtOnce || versions.length === erasedAtOnce) return
  await containerRows.delete(it.db, containerId)
  await containerCount(it, account, -1)
  await claimRows.delete(it.db, { bucket: name, account })
  told(it, { type: 'container', account, container: name, action: 'delete' })
}

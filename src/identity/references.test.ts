// Every column of identity that holds another row's id says what becomes of its rows when that one is deleted, or why nothing
// does; and what a deletion looks for, it finds by an index.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { password, startIdentityCloud, type IdentityCloud } from '../../test/support/identity.ts'
import { references } from './store/references.ts'

let the: IdentityCloud
before(async () => void (the = await startIdentityCloud()))
after(() => the.stop())

const exceptions: Record<string, string> = {
  'identity_revocations.audit_id': 'a token has no row',
  'identity_revocations.audit_chain_id': 'a token has no row',
  'identity_revocations.user_id': 'says that the tokens of one who is gone are void; expires by itself',
  'identity_revocations.project_id': 'as user_id',
  'identity_revocations.domain_id': 'as user_id',
  'identity_passcodes.credential_id': 'is the row’s own key: credentials.ts and users.ts forget the passcodes of a seed',
  'identity_trusts.redelegated_trust_id': 'trusts are ended, not deleted: store/trusts.ts ends what was passed on',
  'identity_registered_limits.region_id': 'a default for a region that is gone asks nothing of anybody',
  'identity_limits.service_id': 'the registered limit’s, which keeps the service from being deleted',
  'identity_limits.region_id': 'the registered limit’s',
}

interface Column {
  table: string
  column: string
  indexed: number
}

/** all columns of identity's tables, and whether an index begins with each */
const columns = async (): Promise<Column[]> =>
  (
    await sql<Column>`
      select m.name as "table", c.name as "column", exists (
        select 1 from pragma_index_list(m.name) i, pragma_index_info(i.name) p where p.seqno = 0 and p.name = c.name
      ) as indexed
      from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name like 'identity_%' order by 1, 2`.execute(
      the.platform.store.as(),
    )
  ).rows

const known = new Set(references.flatMap(({ references: all }) => all.map(({ table, column }) => `${table.name}.${column}`)))

test('every column with an id says what becomes of its rows, or why nothing does', async () => {
  const found = (await columns()).map(({ table, column }) => `${table}.${column}`).filter((name) => name.endsWith('_id'))
  assert.deepEqual(
    found.filter((name) => !known.has(name) && !Object.hasOwn(exceptions, name)),
    [],
  )
  assert.deepEqual(
    [...known, ...Object.keys(exceptions)].filter((name) => !found.includes(name)),
    [],
    'there is no such column',
  )
})

test('what a deletion looks for, it finds by an index', async () => {
  const indexed = new Set((await columns()).filter((each) => each.indexed === 1).map(({ table, column }) => `${table}.${column}`))
  const searched = references.flatMap(({ references: all }) => all.filter(({ onDelete }) => onDelete !== 'logic'))
  assert.deepEqual(
    searched.map(({ table, column }) => `${table.name}.${column}`).filter((name) => !indexed.has(name)),
    [],
  )
})

test('a deleted user and a deleted project leave no row that names them', async () => {
  const { userId, projectId } = await the.member('leaver')
  const mine = await the.token({ id: userId }, { project: { id: projectId } })
  const group = (await the.does('POST', '/groups', { group: { name: 'leavers' } })).group.id
  await the.does('PUT', `/groups/${group}/users/${userId}`)
  await the.does('PATCH', `/users/${userId}`, { user: { default_project_id: projectId } })
  await the.does('PUT', `/projects/${projectId}/tags/one`)
  const own = await the.token({ id: userId }, { project: { id: projectId } })
  assert.notEqual(mine, '')
  await the.does('POST', `/users/${userId}/application_credentials`, { application_credential: { name: 'key' } }, own)
  await the.does('POST', `/users/${userId}/credentials/OS-EC2`, { tenant_id: projectId }, own)
  await the.does('POST', '/users', { user: { name: 'stayer', password, default_project_id: projectId } })
  await the.does('DELETE', `/users/${userId}`)
  await the.does('DELETE', `/projects/${projectId}`)
  for (const { table, column } of (await columns()).filter((each) => each.table !== 'identity_revocations')) {
    const named = await sql<object>`select * from ${sql.table(table)} where ${sql.ref(column)} in (${userId}, ${projectId})`.execute(
      the.platform.store.as(),
    )
    assert.deepEqual(named.rows, [], `${table}.${column}`)
  }
})

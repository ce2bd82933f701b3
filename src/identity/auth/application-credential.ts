// The application credential method: an id, or a name and its user, with the secret. Scope and roles are its own.
import type { Context } from '../../platform/context.ts'
import { unauthorized } from '../../platform/errors.ts'
import { applicationCredentials, type ApplicationCredentialRow } from '../store/delegation-tables.ts'
import { users, type UserRow } from '../store/tables.ts'
import { userFind } from './find.ts'
import { loginGate, type LoginCaller } from './gate.ts'
import { laneOf, longestPassword } from './password.ts'
import { expecting, object, reference, type Json } from './request.ts'

export async function byApplicationCredential(
  ctx: Context,
  proof: Json,
  { address }: LoginCaller,
): Promise<{ user: UserRow; credential: ApplicationCredentialRow }> {
  const { id, name, secret } = proof
  if (typeof secret !== 'string') throw expecting('secret', 'application_credential')
  if (typeof id !== 'string' && typeof name !== 'string') throw expecting('id or name', 'application_credential')
  const credential = typeof id === 'string' ? await applicationCredentials.fetch(ctx.db, id) : await byName(ctx, proof)
  const hash = secret.length <= longestPassword ? credential?.secret_hash : null
  const right = await loginGate(ctx.platform).matches(hash, secret, laneOf(address, { id: credential?.id ?? String(id ?? name) }))
  const user = credential && (await users.fetch(ctx.db, credential.user_id))
  if (!right || !credential || !user) throw unauthorized()
  return { user, credential }
}

async function byName(ctx: Context, proof: Json): Promise<ApplicationCredentialRow | undefined> {
  const user = await userFind(ctx.db, reference(object(proof['user'], 'user', 'application_credential'), 'user'))
  return user && applicationCredentials.first(ctx.db, { user_id: user.id, name: String(proof['name']) })
}

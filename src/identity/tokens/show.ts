// What GET and POST /auth/tokens answer about a token. The usual answer is rendered once and kept with the token.
import type { Platform } from '../../platform/context.ts'
import { catalogFor } from '../catalog.ts'
import { tokenView } from '../views/token.ts'
import type { VerifiedToken } from './tokens.ts'

/** The JSON text; the catalog is left out when not wanted. */
export async function tokenBody(platform: Platform, token: VerifiedToken, withCatalog: boolean): Promise<string> {
  if (!withCatalog) return JSON.stringify(tokenView(token.facts, null))
  if (token.body !== undefined) return token.body
  const { facts } = token
  const subject = { projectId: facts.project?.id ?? null, userId: facts.user.id }
  const body = JSON.stringify(tokenView(facts, await catalogFor(platform, platform.store, subject, token.revision)))
  token.body = body
  return body
}

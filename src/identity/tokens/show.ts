// What GET and POST /auth/tokens answer about a token. The usual answer is rendered once and kept with the token.
import type { Platform } from '../../platform/context.ts'
import { catalogFor, type CatalogService } from '../catalog.ts'
import type { TokenFacts } from './verify.ts'
import type { VerifiedToken } from './tokens.ts'

/** What a token looks like: views/token.ts */
export type TokenRender = (facts: TokenFacts, catalog: CatalogService[] | null) => object

/** The JSON with the catalog, by the view that the route gives. Text: with bytes Node writes twice, 15 % dearer. */
export async function tokenBody(platform: Platform, token: VerifiedToken, render: TokenRender): Promise<string> {
  if (token.body !== undefined) return token.body
  const { facts } = token
  const subject = { projectId: facts.project?.id ?? null, userId: facts.user.id }
  const catalog = await catalogFor(platform, platform.store, subject, token.revision)
  const body = JSON.stringify(render(facts, catalog))
  token.body = body
  return body
}

// A verified token → the body that POST and GET /auth/tokens answer with.
import { isoMicros } from '../../platform/clock.ts'
import type { CatalogService } from '../catalog.ts'
import type { AccessRuleRow } from '../store/delegation-tables.ts'
import type { ProjectRow } from '../store/tables.ts'
import type { TokenFacts } from '../tokens/verify.ts'

const named = (row: { id: string; name: string }) => ({ id: row.id, name: row.name })
const inDomain = (row: { id: string; name: string }, domain: ProjectRow | null) => ({
  domain: domain ? named(domain) : null,
  ...named(row),
})

const rule = ({ id, service, path, method }: AccessRuleRow) => ({ id, service, path, method })

export const shownTime = (iso: string | null): string | null => (iso === null ? null : isoMicros(Date.parse(iso)))

export function tokenView(facts: TokenFacts, catalog: CatalogService[] | null): Record<string, unknown> {
  const { payload, user, userDomain, project, projectDomain, domain, trust, accessToken, applicationCredential: credential } = facts
  const roles = facts.roles.map(named)
  return {
    token: {
      methods: payload.methods,
      user: { ...inDomain(user, userDomain), password_expires_at: shownTime(user.password_expires_at) },
      audit_ids: payload.auditIds,
      expires_at: isoMicros(payload.expiresAtMs),
      issued_at: isoMicros(payload.issuedAtMs),
      ...(trust
        ? {
            'OS-TRUST:trust': {
              id: trust.id,
              trustor_user: { id: trust.trustor_user_id },
              trustee_user: { id: trust.trustee_user_id },
              impersonation: trust.impersonation,
            },
          }
        : {}),
      ...(accessToken ? { 'OS-OAUTH1': { access_token_id: accessToken.id, consumer_id: accessToken.consumer_id } } : {}),
      ...(project ? { project: inDomain(project, projectDomain), ...(trust ? {} : { is_domain: project.is_domain }), roles } : {}),
      ...(domain ? { domain: named(domain), roles } : {}),
      ...(payload.scope.kind === 'system' ? { roles, system: { all: true } } : {}),
      ...(credential
        ? {
            application_credential: {
              id: credential.id,
              name: credential.name,
              restricted: !credential.unrestricted,
              ...(facts.accessRules ? { access_rules: facts.accessRules.map(rule) } : {}),
            },
          }
        : {}),
      ...(catalog && payload.scope.kind !== 'unscoped' ? { catalog } : {}),
    },
  }
}

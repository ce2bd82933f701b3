// The one decision of who may, for both doors, in this order: what S3's rules deny; a reseller, who may everything; a reader of the
// whole system; the owner's project with an operator's role; the container's ACL by project and user; referrers; its readers; a role
// that the ACL names; what S3's rules give. Roles are policy: an operator changes them in the policy file.
import { projectFetch } from '../../identity/index.ts'
import { Context, credentialsOf, hasRole, type Actor, type Platform } from '../../platform/context.ts'
import { acts } from './acts.ts'
import { refused, type Question, type Verdict } from './question.ts'
import { containerAclHolds, s3Rules } from './s3-rules.ts'
import { isReferrerAllowed, parseAcl, type SwiftAcl } from './swift-acl.ts'

const servicePrefix = 'SERVICE_'

export async function decide(platform: Platform, question: Question): Promise<Verdict> {
  const byS3 = s3Rules(platform, question)
  if (byS3 === 'deny') return refused
  const byToken = question.who ? cloudWide(platform, question.who, question) : null
  if (byToken) return byToken
  const verdict = await bySwift(platform, question)
  return verdict.may || byS3 !== 'allow' ? verdict : { may: true, owner: false, because: 's3' }
}

/** What a token may in every account. */
function cloudWide(platform: Platform, who: Actor, { act }: Question): Verdict | null {
  if (holds(platform, 'object:reseller', { who })) return { may: true, owner: true, because: 'reseller' }
  if (acts[act].reads && holds(platform, 'object:system_reader', { who })) return { may: true, owner: false, because: 'system-reader' }
  return null
}

async function bySwift(platform: Platform, question: Question): Promise<Verdict> {
  const { who, act, account, container } = question
  const { acl: header, reads } = acts[act]
  // only a reseller makes and ends accounts
  if (act === 'account.delete' || act === 'account.create') return refused
  const isOwn = who !== null && who.projectId === projectOf(account)
  // before the ACL: an owner whom it lets in as well is an owner still
  if (isOwn && isOperator(platform, question, who)) return { may: true, owner: true, because: 'operator' }
  const acl = aclHeld(question, header === null ? undefined : container?.metadata[header])
  if (who && acl.grantees.length > 0 && (await isGranted(platform, acl, { who, account })))
    return { may: true, owner: false, because: 'acl' }
  const isReferred = isReferrerAllowed(question.referrer, acl.referrers)
  if (isReferred && (act === 'object.read' || acl.listings)) return { may: true, owner: false, because: 'referrer' }
  if (!isOwn) return refused
  if (reads && holds(platform, 'object:reader', { who, account }) && isOfService(question))
    return { may: true, owner: false, because: 'reader' }
  // whom a referrer's rule let in, but not to the listing, no role's name lets in
  if (!isReferred && acl.grantees.some((role) => hasRole(who, role))) return { may: true, owner: false, because: 'role' }
  return refused
}

/** What of the container's ACL counts here: S3's rules may make it void, or void for those whom nobody named. */
function aclHeld(question: Question, text: string | undefined): SwiftAcl {
  const holds = containerAclHolds(question)
  const acl = parseAcl(holds === 'none' ? undefined : text)
  return holds === 'all' ? acl : { referrers: [], listings: false, grantees: acl.grantees.filter((grantee) => grantee !== '*:*') }
}

/** An account of a service wants the service's own token beside the project's. */
function isOperator(platform: Platform, question: Question, who: Actor): boolean {
  return holds(platform, 'object:operator', { who, account: question.account }) && isOfService(question)
}

const isOfService = ({ account, service }: Question): boolean =>
  !account.startsWith(servicePrefix) || (service !== undefined && service !== null && hasRole(service, 'service'))

const projectOf = (account: string): string => (account.startsWith(servicePrefix) ? account.slice(servicePrefix.length) : account)

const holds = (platform: Platform, rule: string, { who, account }: { who: Actor; account?: string }): boolean =>
  platform.policy.allows(rule, account === undefined ? {} : { project_id: projectOf(account) }, credentialsOf(who))

const defaultDomain = 'default'

/** `project:user` of the ACL: ids and stars always, names where user, project and account are of the default domain. */
async function isGranted(platform: Platform, { grantees }: SwiftAcl, { who, account }: { who: Actor; account: string }): Promise<boolean> {
  const pairs = grantees.filter((grantee) => grantee.includes(':'))
  if (pairs.length === 0) return false
  const has = (projects: (string | null)[], users: string[]) =>
    projects.some((project) => project !== null && users.some((user) => pairs.includes(`${project}:${user}`)))
  if (has([who.projectId, '*'], [who.userId, '*'])) return true
  if (!has([who.projectId, who.projectName, '*'], [who.userId, who.userName, '*'])) return false
  return (
    who.userDomainId === defaultDomain &&
    who.projectDomainId === defaultDomain &&
    (await isOfDefaultDomain(new Context(platform, { actor: who, requestId: 'access' }), account))
  )
}

async function isOfDefaultDomain(ctx: Context, account: string): Promise<boolean> {
  const project = await projectFetch(ctx, projectOf(account))
  return project?.domainId === defaultDomain
}

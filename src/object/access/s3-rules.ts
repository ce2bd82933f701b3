// What S3's rules say of a question: bucket policy, public access block, ownership, ACLs of buckets and objects. They hold for both
// doors. What of a bucket's ACL Swift's own header can say stands there, and decide.ts asks that.
import { LRUCache } from 'lru-cache'
import { cache, credentialsOf, type Actor, type Platform } from '../../platform/context.ts'
import { acts } from './acts.ts'
import type { Question } from './question.ts'
import { grantIsPublic, grantsGive, grantsOf, type Acl, type Grant, type Permission } from './s3/grants.ts'
import { policyIsPublic } from './s3/policy-public.ts'
import { policyJudge, policyRead, type BucketPolicy, type Principal } from './s3/policy.ts'
import { requestFacts } from './s3/request-facts.ts'
import { aclsEnabled, type AccessSettings } from './s3/settings.ts'
import { containerAclsArePublic, type ContainerAcls } from './s3/swift-acl.ts'

/** 'deny' ends the matter, 'allow' is asked for when nothing else allows; null: they say nothing. */
export function s3Rules(platform: Platform, question: Question): 'deny' | 'allow' | null {
  const { container, act } = question
  if (!container) return null
  const settings = container.settings as AccessSettings
  if (settings.policy === undefined && settings.acl === undefined && !hasOwnAcl(question)) return null
  const action = question.action ?? acts[act].action
  const byPolicy = settings.policy === undefined ? null : policyVerdict(platform, question, settings, action)
  if (byPolicy === 'deny') return isOwnersPolicyCall(question, action) ? null : 'deny'
  return byPolicy === 'allow' || aclGives(platform, question, settings, action) ? 'allow' : null
}

/**
 * What the container's own ACL may give: 'none' to an object with an ACL of its own (in a bucket where those count), which
 * alone says who reads it; 'known', nothing that lets in whom nobody named, under a public access block.
 */
export function containerAclHolds(question: Question): 'all' | 'known' | 'none' {
  const settings = (question.container?.settings ?? {}) as AccessSettings
  if (question.act === 'object.read' && hasOwnAcl(question)) return 'none'
  return settings.publicAccess?.ignorePublicAcls ? 'known' : 'all'
}

/** Would these ACLs of a container let in people whom nobody named, where that is blocked? */
export const publicAclBlocked = (settings: AccessSettings, acls: ContainerAcls): boolean =>
  settings.publicAccess?.blockPublicAcls === true && containerAclsArePublic(acls)

const aclOf = (question: Question): Acl | undefined => question.object?.system['acl'] as Acl | undefined

const hasOwnAcl = (question: Question): boolean =>
  aclOf(question) !== undefined && aclsEnabled((question.container?.settings ?? {}) as AccessSettings)

/** Whoever owns the bucket can always mend a policy that shut them out. */
const isOwnersPolicyCall = ({ who, account }: Question, action: string): boolean =>
  who?.projectId === account && ['s3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'].includes(action)

function policyVerdict(platform: Platform, question: Question, settings: AccessSettings, action: string): 'deny' | 'allow' | null {
  const { who, account, container, objectName, object } = question
  const bucket = container?.name ?? ''
  const policy = policyOf(platform, settings.policy ?? '', bucket)
  const key = objectName ?? object?.name
  const verdict = policyJudge(policy, {
    principal: who && principalOf(platform, who, question),
    action,
    resource: key === undefined || key === '' ? bucket : `${bucket}/${key}`,
    facts: requestFacts(question, platform.clock.nowMs()),
  })
  const isOthers = who?.projectId !== account
  if (verdict === 'allow' && isOthers && settings.publicAccess?.restrictPublicBuckets && policyIsPublic(policy)) return null
  return verdict
}

/** Read once, since every request asks it. */
function policyOf(platform: Platform, text: string, bucket: string): BucketPolicy {
  const known = cache(platform, 'object.policies', () => new LRUCache<string, BucketPolicy>({ max: 200 }))
  const key = `${bucket}\n${text}`
  let policy = known.get(key)
  if (policy === undefined) known.set(key, (policy = policyRead(text, bucket)))
  return policy
}

/** A project that is named stands for those of it whose roles let them do such things at home. */
const principalOf = (platform: Platform, who: Actor, question: Question): Principal => ({
  accountId: speaksForProject(platform, who, question) ? (who.projectId ?? '') : '',
  userId: who.userId,
  userName: who.userName,
})

function speaksForProject(platform: Platform, who: Actor, { act }: Question): boolean {
  const { projectId } = who
  if (projectId === null) return false
  const holds = (rule: string) => platform.policy.allows(rule, { project_id: projectId }, credentialsOf(who))
  return holds('object:operator') || (acts[act].reads && holds('object:reader'))
}

/** Which permission of which ACL an action needs; what is not here no ACL can give. */
const needed = new Map<string, { of: 'bucket' | 'object'; permission: Permission }>([
  ['s3:ListBucket', { of: 'bucket', permission: 'READ' }],
  ['s3:ListBucketVersions', { of: 'bucket', permission: 'READ' }],
  ['s3:ListBucketMultipartUploads', { of: 'bucket', permission: 'READ' }],
  ['s3:PutObject', { of: 'bucket', permission: 'WRITE' }],
  ['s3:DeleteObject', { of: 'bucket', permission: 'WRITE' }],
  ['s3:GetBucketAcl', { of: 'bucket', permission: 'READ_ACP' }],
  ['s3:PutBucketAcl', { of: 'bucket', permission: 'WRITE_ACP' }],
  ['s3:GetObject', { of: 'object', permission: 'READ' }],
  ['s3:GetObjectVersion', { of: 'object', permission: 'READ' }],
  ['s3:GetObjectAcl', { of: 'object', permission: 'READ_ACP' }],
  ['s3:GetObjectVersionAcl', { of: 'object', permission: 'READ_ACP' }],
  ['s3:PutObjectAcl', { of: 'object', permission: 'WRITE_ACP' }],
  ['s3:PutObjectVersionAcl', { of: 'object', permission: 'WRITE_ACP' }],
])

function aclGives(platform: Platform, question: Question, settings: AccessSettings, action: string): boolean {
  const need = needed.get(action)
  if (need === undefined || !aclsEnabled(settings)) return false
  const { who, account } = question
  const acl = need.of === 'bucket' ? settings.acl : aclOf(question)
  if (acl === undefined) return false
  let grants: Grant[] = need.of === 'bucket' ? (acl.grants ?? []) : grantsOf(acl, acl.owner ?? account)
  if (settings.publicAccess?.ignorePublicAcls) grants = grants.filter((grant) => !grantIsPublic(grant))
  // the project's own people have what their roles give; of others, an account's grant is for those who speak for it
  const asking = who && speaksForProject(platform, who, question) ? who.projectId : null
  return grantsGive(grants, asking, need.permission) || (who !== null && grantsGive(grants.filter(isForAll), '', need.permission))
}

const isForAll = ({ grantee }: Grant): boolean => grantee === 'AuthenticatedUsers'

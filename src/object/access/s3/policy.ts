// A bucket's policy: what its text must be, and what it says of a request. An explicit Deny beats every Allow; what no
// statement speaks of is left to the ACLs. The text is kept as it was sent; this reads it, and remembers the last ones read.
import { actionTargets } from './actions.ts'
import { conditionHolds, conditionKeyKnown, conditionOperator, isAddressRange, type Condition, type Facts } from './conditions.ts'
import { TooMuchWork, workBegin, type Work, matches, wildcard, wildcardMatches } from './wildcard.ts'

/** What is wrong with a policy, in the words that its writer is told. */
export class PolicyFault extends Error {}

export interface Statement {
  effect: 'Allow' | 'Deny'
  /** those it is for, or (`except`) all but those */
  principals: { names: string[]; except: boolean }
  actions: { patterns: string[]; except: boolean }
  resources: { patterns: string[]; except: boolean }
  conditions: Condition[]
}

export interface BucketPolicy {
  statements: Statement[]
  /** variables in values and resources mean something from this version of the language on */
  hasVariables: boolean
}

/** Whoever asks, as policies name them; null for anonymous. */
export interface Principal {
  accountId: string
  userId: string
  userName: string
}

export interface PolicyRequest {
  principal: Principal | null
  /** `s3:GetObject` */
  action: string
  /** `bucket` or `bucket/key` */
  resource: string
  facts: Facts
}

export const policyMaxBytes = 20 * 1024
const resourcePrefix = 'arn:aws:s3:::'

/** Reads and checks the text of a policy of this bucket. Throws PolicyFault. */
export function policyRead(text: string, bucket: string): BucketPolicy {
  if (!text.startsWith('{')) throw new PolicyFault("Policies must be valid JSON and the first byte must be '{'")
  const document = parsed(text)
  const unknown = Object.keys(document).find((key) => !['Version', 'Id', 'Statement'].includes(key))
  const { Version: version, Statement: given } = document
  if (given === undefined) throw new PolicyFault('Missing required field Statement')
  if (unknown !== undefined) throw new PolicyFault(`Unknown field ${unknown}`)
  if (version !== undefined && version !== '2008-10-17' && version !== '2012-10-17')
    throw new PolicyFault('The policy must contain a valid version string')
  const list = Array.isArray(given) ? given : [given]
  if (list.length === 0) throw new PolicyFault('Could not parse the policy: Statement is empty!')
  return { statements: list.map((each) => statementRead(each, bucket)), hasVariables: version === '2012-10-17' }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new PolicyFault('This policy contains invalid Json', { cause: error })
  }
}

const fields = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']

function statementRead(given: unknown, bucket: string): Statement {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new PolicyFault('This policy contains invalid Json')
  const statement = given as Record<string, unknown>
  const unknown = Object.keys(statement).find((key) => !fields.includes(key))
  if (unknown !== undefined) throw new PolicyFault(`Unknown field ${unknown}`)
  const { Effect: effect } = statement
  if (effect === undefined) throw new PolicyFault('Missing required field Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyFault(`Invalid effect: ${String(effect)}`)
  const who = either(statement, 'Principal')
  const principals = { names: principalsRead(who.value), except: who.except }
  const actions = { patterns: texts(either(statement, 'Action').value, 'Policy has invalid action'), ...exceptOf(statement, 'Action') }
  const resources = { patterns: resourcesRead(either(statement, 'Resource').value, bucket), ...exceptOf(statement, 'Resource') }
  actions.patterns.forEach(actionCheck)
  if (!actions.except && !resources.except) fitCheck(actions.patterns, resources.patterns)
  const conditions = conditionsRead(statement['Condition'])
  if (!actions.except && conditions.some((condition) => !conditionFits(condition, actions.patterns)))
    throw new PolicyFault('Conditions do not apply to combination of actions and resources in statement')
  return {
    effect,
    principals,
    actions,
    resources,
    conditions,
  }
}

function either(statement: Record<string, unknown>, field: string): { value: unknown; except: boolean } {
  const [plain, except] = [statement[field], statement[`Not${field}`]]
  if (plain === undefined && except === undefined) throw new PolicyFault(`Missing required field ${field}`)
  if (plain !== undefined && except !== undefined) throw new PolicyFault(`Policy has both ${field} and Not${field}`)
  return plain === undefined ? { value: except, except: true } : { value: plain, except: false }
}
const exceptOf = (statement: Record<string, unknown>, field: string) => ({ except: either(statement, field).except })

/** A text or a list of texts, none of them empty. */
function texts(given: unknown, fault: string): string[] {
  const list = Array.isArray(given) ? given : [given]
  if (list.length === 0 || list.some((each) => typeof each !== 'string' || each === '')) throw new PolicyFault(fault)
  return list as string[]
}

function principalsRead(given: unknown): string[] {
  const fault = 'Invalid principal in policy'
  let names: string[]
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    const kinds = Object.entries(given)
    if (kinds.length === 0 || kinds.some(([kind]) => !['AWS', 'CanonicalUser', 'Federated', 'Service'].includes(kind)))
      throw new PolicyFault(fault)
    // services and federated users are nobody here: a statement for them alone is kept, and matches no one
    names = kinds.flatMap(([kind, value]) =>
      texts(value, fault).map((name) => (kind === 'AWS' || kind === 'CanonicalUser' ? name : `${kind}:${name}`)),
    )
  } else {
    names = texts(given, fault)
  }
  if (names.includes('*') && names.length > 1) throw new PolicyFault(fault)
  if (names.some((name) => name !== '*' && /[*?]/.test(name))) throw new PolicyFault(fault)
  return names
}

/** A project or a user that a policy names, to be looked up: ids and names, as they stand in it. */
export function principalNamed(name: string): { account?: string; user?: string } | null {
  if (name === '*' || name.startsWith('Service:') || name.startsWith('Federated:')) return null
  const [, account = '', path = ''] = /^arn:aws:iam::([^:]*):(.+)$/.exec(name) ?? []
  if (account === '') return { account: name, user: name }
  return path === 'root' ? { account } : { account, user: path.replace(/^user\//, '') }
}

function actionCheck(pattern: string): void {
  if (targetsOf(pattern).length === 0) throw new PolicyFault('Policy has invalid action')
}

/** What the actions that a pattern fits are done to: none for a pattern that fits no action. */
function targetsOf(pattern: string): ('bucket' | 'object')[] {
  const lower = pattern.toLowerCase()
  if (lower === '*') return ['bucket', 'object']
  if (!lower.startsWith('s3:')) return []
  const exact = actionTargets.get(lower)
  if (exact !== undefined) return [exact]
  if (!/[*?]/.test(lower)) return []
  const compiled = wildcard(lower) ?? []
  return [...new Set([...actionTargets].filter(([name]) => wildcardMatches(compiled, name)).map(([, target]) => target))]
}

function resourcesRead(given: unknown, bucket: string): string[] {
  return texts(given, 'Policy has invalid resource').map((arn) => {
    const rest = arn.slice(resourcePrefix.length)
    const after = rest[bucket.length]
    const isOurs = rest.startsWith(bucket) && (after === undefined || after === '/' || after === '*' || after === '?')
    if (!arn.startsWith(resourcePrefix) || !isOurs) throw new PolicyFault('Policy has invalid resource')
    return rest
  })
}

/** An action on objects needs a resource that can be an object, one on the bucket one that can be a bucket. */
function fitCheck(actions: string[], resources: string[]): void {
  const canBe = {
    object: resources.some((resource) => resource.includes('/') || resource.includes('*')),
    bucket: resources.some((resource) => !resource.includes('/')),
  }
  for (const action of actions)
    if (!targetsOf(action).some((target) => canBe[target])) throw new PolicyFault('Action does not apply to any resource(s) in statement')
}

/** What only a listing says can be asked of listings only. */
const ofListings = ['s3:prefix', 's3:delimiter', 's3:max-keys']
const listings = ['s3:listbucket', 's3:listbucketversions', 's3:listbucketmultipartuploads']

const conditionFits = ({ key }: Condition, actions: string[]): boolean =>
  !ofListings.includes(key.toLowerCase()) || actions.some((pattern) => listings.some((action) => matches(pattern.toLowerCase(), action)))

function conditionsRead(given: unknown): Condition[] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new PolicyFault('Policy has an invalid condition')
  return Object.entries(given).flatMap(([word, pairs]) => {
    const operator = conditionOperator(word)
    if (operator === null) throw new PolicyFault(`Invalid Condition type : ${word}`)
    if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) throw new PolicyFault('Policy has an invalid condition')
    return Object.entries(pairs as Record<string, unknown>).map(([key, value]): Condition => {
      if (!conditionKeyKnown(key)) throw new PolicyFault('Policy has an invalid condition key')
      const values = (Array.isArray(value) ? value : [value]).map((each) => {
        if (typeof each === 'string' || typeof each === 'boolean' || typeof each === 'number') return String(each)
        throw new PolicyFault('Policy has an invalid condition value')
      })
      if (operator.operator.endsWith('IpAddress') && !values.every(isAddressRange))
        throw new PolicyFault('Policy has an invalid condition value')
      return { ...operator, key, values }
    })
  })
}

/** What the policy says: null when no statement of it speaks of this request. One that takes too long to ask lets nobody in. */
export function policyJudge(policy: BucketPolicy, request: PolicyRequest): 'deny' | 'allow' | null {
  try {
    return judged(policy, request, workBegin())
  } catch (thrown) {
    if (thrown instanceof TooMuchWork) return 'deny'
    throw thrown
  }
}

function judged({ statements, hasVariables }: BucketPolicy, request: PolicyRequest, work: Work): 'deny' | 'allow' | null {
  let verdict: 'allow' | null = null
  for (const statement of statements) {
    if (statement.effect === 'Allow' && verdict !== null) continue
    if (!speaksOf(statement, request, { hasVariables, work })) continue
    if (statement.effect === 'Deny') return 'deny'
    verdict = 'allow'
  }
  return verdict
}

function speaksOf(statement: Statement, request: PolicyRequest, { hasVariables, work }: { hasVariables: boolean; work: Work }): boolean {
  const { principals, actions, resources, conditions } = statement
  const action = request.action.toLowerCase()
  const variable = hasVariables ? (name: string) => request.facts(name.toLowerCase())?.[0] : undefined
  const isAction = actions.patterns.some((pattern) => matches(pattern.toLowerCase(), action))
  if (isAction === actions.except) return false
  if (principals.names.some((name) => isPrincipal(name, request.principal)) === principals.except) return false
  const isResource = resources.patterns.some((pattern) => {
    const compiled = wildcard(pattern, variable, work)
    return compiled !== null && wildcardMatches(compiled, request.resource, work)
  })
  return isResource !== resources.except && conditions.every((condition) => conditionHolds(condition, request.facts, work))
}

function isPrincipal(name: string, asking: Principal | null): boolean {
  if (name === '*') return true
  const named = principalNamed(name)
  if (asking === null || named === null) return false
  const isUser = named.user === asking.userId || named.user === asking.userName
  // a bare id is a project's or a user's; a name in an ARN counts within its project
  if (!name.startsWith('arn:')) return named.account === asking.accountId || named.user === asking.userId
  return named.account === asking.accountId && (named.user === undefined || isUser)
}

/** Everybody whom the policy names, once each. */
export const principalsOf = ({ statements }: BucketPolicy): string[] => [
  ...new Set(statements.flatMap(({ principals }) => principals.names)),
]

// GET /allocation_candidates' query → what is asked for: groups by suffix, and what holds for the whole request.
import type { Context } from '../platform/context.ts'
import { badRequest, type ApiError } from '../platform/errors.ts'
import { badQuery, codes } from './failures.ts'
import { parseInTree, parseMemberOf, parseResources, parseTraits } from './query.ts'

export interface Group {
  suffix: string
  resources: Record<string, number>
  required: string[][]
  forbidden: string[]
  memberOf: string[][]
  forbiddenAggregates: string[]
  inTree: string | null
}

export interface WholeRequest {
  groups: Group[]
  limit: number | undefined
  /** every granular group at a provider of its own */
  isolate: boolean
  rootRequired: string[]
  rootForbidden: string[]
  sameSubtrees: string[][]
}

/** A name of the query and its values, in the order of the URL. */
export type Query = [name: string, values: string[]][]

const invalid = (message: string): ApiError => badRequest(`Invalid query string parameters: ${message}`)
const kinds = ['resources', 'required', 'member_of', 'in_tree'] as const

/** Which names the microversion knows; anything else is refused. */
function knownNames(ctx: Context): RegExp {
  const at = (version: string) => ctx.microversion.atLeast(version)
  if (!at('1.25'))
    return new RegExp(`^(resources${at('1.16') ? '|limit' : ''}${at('1.17') ? '|required' : ''}${at('1.21') ? '|member_of' : ''})$`)
  const suffix = at('1.33') ? '[a-zA-Z0-9_-]{1,64}' : '[1-9][0-9]*'
  const grouped = at('1.31') ? 'resources|required|member_of|in_tree' : 'resources|required|member_of'
  return new RegExp(
    `^(limit|group_policy${at('1.35') ? '|root_required' : ''}${at('1.36') ? '|same_subtree' : ''}|(?:${grouped})(?:${suffix})?)$`,
  )
}

export function parseCandidateRequest(ctx: Context, query: Query): WholeRequest {
  const known = knownNames(ctx)
  for (const [name] of query) {
    if (known.test(name)) continue
    throw invalid(
      ctx.microversion.atLeast('1.25')
        ? `'${name}' does not match any of the regexes: '${known.source}'`
        : `Additional properties are not allowed ('${name}' was unexpected)`,
    )
  }
  const values = (name: string) => query.find(([found]) => found === name)?.[1] ?? []
  if (!ctx.microversion.atLeast('1.25') && values('resources').length === 0) throw invalid("'resources' is a required property")
  const [limit] = values('limit').slice(-1)
  if (limit !== undefined && !/^[1-9][0-9]*$/.test(limit))
    throw invalid(`'${limit}' does not match '^[1-9][0-9]*$'\n\nFailed validating 'pattern'`)
  const [policy] = values('group_policy')
  if (policy !== undefined && !['none', 'isolate'].includes(policy)) throw invalid(`'${policy}' is not one of ['none', 'isolate']`)
  const groups = parseGroups(ctx, query)
  const request: WholeRequest = {
    groups,
    limit: limit === undefined ? undefined : Number(values('limit')[0]),
    isolate: policy === 'isolate',
    ...rootTraits(ctx, values('root_required')),
    sameSubtrees: values('same_subtree').map(parseSubtree),
  }
  check(ctx, request)
  if (policy === undefined && groups.filter(({ suffix }) => suffix !== '').length > 1) {
    throw badRequest('The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.')
  }
  return request
}

function parseGroups(ctx: Context, query: Query): Group[] {
  const groups = new Map<string, Group>()
  for (const [name, values] of query) {
    const kind = kinds.find((candidate) => name.startsWith(candidate))
    if (!kind) continue
    const suffix = name.slice(kind.length)
    const group = groups.get(suffix) ?? {
      suffix,
      resources: {},
      required: [],
      forbidden: [],
      memberOf: [],
      forbiddenAggregates: [],
      inTree: null,
    }
    groups.set(suffix, group)
    const last = values.at(-1) ?? ''
    if (kind === 'resources') group.resources = parseResources(last)
    if (kind === 'required') Object.assign(group, parseTraits(ctx, values))
    if (kind === 'in_tree') group.inTree = parseInTree(last)
    if (kind === 'member_of') {
      const { memberOf, forbidden } = parseMemberOf(ctx, values, suffix)
      Object.assign(group, { memberOf, forbiddenAggregates: forbidden })
    }
  }
  return [...groups.values()]
}

function rootTraits(ctx: Context, values: string[]): Pick<WholeRequest, 'rootRequired' | 'rootForbidden'> {
  if (values.length > 1) throw badRequest("Query parameter 'root_required' may be specified only once.", { type: codes.duplicateKey })
  const [value] = values
  if (value === undefined) return { rootRequired: [], rootForbidden: [] }
  if (value.startsWith('in:'))
    throw invalid(`The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: ${value}`)
  const { required, forbidden } = parseTraits(ctx, [value])
  const rootRequired = required.flat()
  const conflicts = rootRequired.filter((trait) => forbidden.includes(trait))
  if (conflicts.length > 0) throw badQuery(`Conflicting required and forbidden traits found in root_required: ${conflicts.join(', ')}`)
  return { rootRequired, rootForbidden: forbidden }
}

function parseSubtree(value: string): string[] {
  const suffixes = [...new Set(value.split(',').map((suffix) => suffix.trim()))]
  if (suffixes.includes('')) throw badQuery('Empty string (unsuffixed group) can not be specified in `same_subtree` ')
  return suffixes
}

/** A Python list of strings, as the messages show it. */
const listed = (items: string[]) => `[${items.map((item) => `'${item}'`).join(', ')}]`

function check(ctx: Context, { groups, sameSubtrees }: WholeRequest): void {
  const bare = groups.filter(({ resources }) => Object.keys(resources).length === 0)
  if (ctx.microversion.atLeast('1.36')) {
    if (bare.length === groups.length)
      throw badRequest('There must be at least one resources or resources[$S] parameter.', { type: codes.missingValue })
    const inSubtrees = new Set(sameSubtrees.flat())
    const loose = bare.map(({ suffix }) => suffix).filter((suffix) => !inSubtrees.has(suffix))
    if (loose.length > 0)
      throw badQuery(
        `Resourceless suffixed group request should be specified in \`same_subtree\` query param: bad group(s) - ${listed(loose)}.`,
      )
    const suffixes = groups.map(({ suffix }) => suffix)
    const unreal = [...inSubtrees].filter((suffix) => !suffixes.includes(suffix))
    if (unreal.length > 0)
      throw badQuery(`Real suffixes should be specified in \`same_subtree\`: ${listed(unreal)} not found in ${listed(suffixes)}.`)
  } else checkOrphans(groups, bare)
  if (ctx.microversion.atLeast('1.22')) checkConflicts(groups)
}

function checkOrphans(groups: Group[], bare: Group[]): void {
  const traits = bare.filter(({ required }) => required.length > 0).map(({ suffix }) => `required${suffix}`)
  if (traits.length > 0)
    throw badRequest(
      `All traits parameters must be associated with resources.  Found the following orphaned traits keys: ${traits.join(', ')}`,
    )
  const members = bare
    .filter(({ memberOf, forbiddenAggregates }) => memberOf.length + forbiddenAggregates.length > 0)
    .map(({ suffix }) => `member_of${suffix}`)
  if (members.length > 0)
    throw badRequest(
      `All member_of parameters must be associated with resources. Found the following orphaned member_of keys: ${members.join(', ')}`,
    )
  if (bare.length > 0) throw badRequest('All request groups must specify resources.')
  if (groups.length === 0) throw badRequest('At least one request group (`resources` or `resources{$S}`) is required.')
}

function checkConflicts(groups: Group[]): void {
  const conflicts = groups.flatMap(({ suffix, required, forbidden }) =>
    required
      .filter((any) => any.every((trait) => forbidden.includes(trait)))
      .map((any) => `required${suffix}: (${[...any].sort().join(', ')})`),
  )
  if (conflicts.length > 0)
    throw badRequest(`Conflicting required and forbidden traits found in the following traits keys: ${conflicts.sort().join(', ')}`)
}

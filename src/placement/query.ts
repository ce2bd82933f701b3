// The little languages of placement's queries: resources=VCPU:2,MEMORY_MB:64, required=A,!B or in:A,B, member_of=in:…
import type { Context } from '../platform/context.ts'
import { badRequest } from '../platform/errors.ts'
import { isUuidLike } from '../platform/ids.ts'
import { table } from '../platform/table.ts'
import { dashed } from './providers.ts'

const resourcesForm =
  'Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: '

/** Resource class → amount. */
export function parseResources(text: string): Record<string, number> {
  if (text.trim() === '') throw badRequest(`${resourcesForm}empty string.`)
  const resources: Record<string, number> = table()
  for (const part of text.split(',')) {
    const [name = '', amount, ...rest] = part.split(':')
    if (amount === undefined || rest.length > 0) throw badRequest(`${resourcesForm}${part}.`)
    if (!/^\s*[-+]?\d+\s*$/.test(amount)) throw badRequest(`Requested resource ${name} expected positive integer amount. Got: ${amount}.`)
    if (Number(amount) < 1) throw badRequest(`Requested resource ${name} requires amount >= 1. Got: ${Number(amount)}.`)
    resources[name] = Number(amount)
  }
  return resources
}

export interface TraitsWanted {
  /** all of them, of each any */
  required: string[][]
  forbidden: string[]
}

/** What the values of one `required…` parameter ask for, at the request's microversion. */
export function parseTraits(ctx: Context, values: string[]): TraitsWanted {
  const any = ctx.microversion.atLeast('1.39')
  const wanted: TraitsWanted = { required: [], forbidden: [] }
  for (const value of any ? values : values.slice(-1)) {
    const one = value.startsWith('in:') ? anyTraits(value, any) : allTraits(value, ctx.microversion.atLeast('1.22'))
    wanted.required.push(...one.required)
    wanted.forbidden.push(...one.forbidden)
  }
  return wanted
}

const invalid = (why: string) => badRequest(`Invalid query string parameters: ${why}`)

function anyTraits(value: string, allowed: boolean): TraitsWanted {
  if (!allowed) throw invalid(`The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: ${value}`)
  const traits = value
    .slice(3)
    .split(',')
    .map((trait) => trait.trim())
  if (traits.includes(''))
    throw invalid(`Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: ${value}`)
  if (traits.some((trait) => trait.startsWith('!')))
    throw invalid(`The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. Got: ${value}`)
  return { required: [[...new Set(traits)]], forbidden: [] }
}

function allTraits(value: string, allowForbidden: boolean): TraitsWanted {
  const traits = value.split(',').map((trait) => trait.trim())
  const forbidden = traits.filter((trait) => trait.startsWith('!')).map((trait) => trait.replace(/^!+/, ''))
  if ([...forbidden, ...traits].includes('')) {
    const form = allowForbidden ? 'HW_CPU_X86_VMX,!CUSTOM_MAGIC' : 'HW_CPU_X86_VMX,CUSTOM_MAGIC'
    throw invalid(`Expected 'required' parameter value of the form: ${form}. Got an empty trait in: ${value}`)
  }
  if (forbidden.length > 0 && !allowForbidden)
    throw invalid(`Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: ${value}`)
  return { required: traits.filter((trait) => !trait.startsWith('!')).map((trait) => [trait]), forbidden }
}

export interface AggregatesWanted {
  /** member of all of them, of each any */
  memberOf: string[][]
  forbidden: string[]
}

/** What the values of one `member_of…` parameter ask for. */
export function parseMemberOf(ctx: Context, values: string[], suffix = ''): AggregatesWanted {
  if (values.length > 1 && !ctx.microversion.atLeast('1.24')) throw badRequest(`Multiple member_of${suffix} parameters are not supported`)
  const wanted: AggregatesWanted = { memberOf: [], forbidden: [] }
  for (const value of values) {
    const list = /^!?in:/.test(value)
    if (value.includes(',') && !list) {
      throw badRequest(
        `Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid microversion. Got: ${value}`,
      )
    }
    const forbids = value.startsWith('!')
    const bare = value.slice((forbids ? 1 : 0) + (list ? 3 : 0))
    const ids = list ? bare.split(',') : [bare]
    for (const id of ids) if (!isUuidLike(id)) throw invalid(`Expected 'member_of' parameter to contain valid UUID(s). Got: ${id}`)
    if (forbids && !ctx.microversion.atLeast('1.32'))
      throw badRequest(`Forbidden member_of${suffix} parameters are not supported in the specified microversion`)
    if (forbids) wanted.forbidden.push(...ids.map(dashed))
    else wanted.memberOf.push(ids.map(dashed))
  }
  return wanted
}

export function parseInTree(value: string): string {
  const id = value.trim()
  if (!isUuidLike(id)) throw invalid(`Expected 'in_tree' parameter to be a format of uuid. Got: ${value}`)
  return dashed(id)
}

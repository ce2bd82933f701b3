// Upstream's table of policies as data, and whether two rules mean the same: both are taken apart to what they look at
// in the end (a role, a comparison), and must decide alike for every combination of those being so or not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ScopeType } from '../../src/platform/api/policy.ts'

export interface UpstreamRule {
  /** upstream's word for the service: 'keystone' */
  service: string
  /** our domain of it: 'identity' */
  domain: string
  name: string
  check: string
  scopes: ScopeType[] | null
  operations: string[]
}

export const domainOf: Record<string, string> = {
  keystone: 'identity',
  nova: 'compute',
  neutron: 'network',
  cinder: 'volume',
  glance: 'image',
  placement: 'placement',
}

const lines = (file: string) =>
  readFileSync(join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .slice(1)

export const upstreamRules: UpstreamRule[] = lines('upstream-policies.tsv').map((line) => {
  const [service = '', name = '', check = '', scopes = '', operations = ''] = line.split('\t')
  return {
    service,
    domain: domainOf[service] ?? '',
    name,
    check: JSON.parse(check) as string,
    scopes: scopes === '-' ? null : (scopes.split(',') as ScopeType[]),
    operations: JSON.parse(operations) as string[],
  }
})

export interface Deviation {
  domain: string
  /** a rule's name, or a pattern of names with `*` */
  rule: string
  /** 'check', 'scopes', 'ours only' or 'upstream only' */
  what: string
  reason: string
}

export const deviations: Deviation[] = lines('deviations.tsv').map((line) => {
  const [domain = '', rule = '', what = '', reason = ''] = line.split('\t')
  return { domain, rule, what, reason }
})

type Expression = { atom: string } | { not: Expression } | { and: Expression[] } | { or: Expression[] }

/** The rule with every rule that it names put in its place. */
export function expand(text: string, rules: Map<string, string>): Expression {
  const tokens = text.match(/'[^']*':\S+?(?=[)\s]|\)*$)|%\([^)]*\)s|[()]|(?:[^\s()%]|%\([^)]*\)s|%)+/g) ?? []
  let at = 0
  const word = () => tokens[at]?.toLowerCase()
  const many = (one: () => Expression, between: 'and' | 'or'): Expression => {
    const parts = [one()]
    while (word() === between) {
      at++
      parts.push(one())
    }
    return parts.length === 1 ? (parts[0] as Expression) : between === 'and' ? { and: parts } : { or: parts }
  }
  const or = (): Expression => many(() => many(unary, 'and'), 'or')
  const unary = (): Expression => {
    const token = tokens[at++]
    if (token === undefined) throw new Error(`cannot read ${text}`)
    if (token.toLowerCase() === 'not') return { not: unary() }
    if (token === '(') {
      const inner = or()
      at++
      return inner
    }
    if (!token.startsWith('rule:')) return { atom: token }
    const named = rules.get(token.slice('rule:'.length))
    return named === undefined ? { atom: '!' } : expand(named, rules)
  }
  return tokens.length === 0 ? { atom: '@' } : or()
}

const atomsOf = (it: Expression): string[] =>
  'atom' in it ? [it.atom] : 'not' in it ? atomsOf(it.not) : ('and' in it ? it.and : it.or).flatMap(atomsOf)

function holds(it: Expression, world: Map<string, boolean>): boolean {
  if ('atom' in it) return it.atom === '@' || (it.atom !== '!' && world.get(it.atom) === true)
  if ('not' in it) return !holds(it.not, world)
  return 'and' in it ? it.and.every((part) => holds(part, world)) : it.or.some((part) => holds(part, world))
}

/** Nova and Cinder ask their context whether it is an admin's, which is a rule of its own; so do we. */
const sameAtom: Record<string, string> = { 'is_admin:True': 'role:admin', 'is_admin_project:True': '@', 'is_admin:1': '!' }
const renamed = (it: Expression): Expression =>
  'atom' in it
    ? { atom: sameAtom[it.atom] ?? it.atom.replaceAll('tenant_id', 'project_id') }
    : 'not' in it
      ? { not: renamed(it.not) }
      : 'and' in it
        ? { and: it.and.map(renamed) }
        : { or: it.or.map(renamed) }

/** A combination in which the two differ, as the list of what is so in it; null when there is none. */
export function difference(ours: Expression, theirs: Expression): string[] | null {
  const [a, b] = [renamed(ours), renamed(theirs)]
  const atoms = [...new Set([...atomsOf(a), ...atomsOf(b)])].filter((atom) => atom !== '@' && atom !== '!')
  if (atoms.length > 16) throw new Error(`too many things to look at: ${atoms.join(' ')}`)
  for (let bits = 0; bits < 1 << atoms.length; bits++) {
    const world = new Map(atoms.map((atom, index) => [atom, ((bits >> index) & 1) === 1]))
    if (holds(a, world) !== holds(b, world)) return atoms.filter((atom) => world.get(atom))
  }
  return null
}

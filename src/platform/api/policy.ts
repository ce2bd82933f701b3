// Compiled sets of policy rules, one scope for each domain: 'owner' means a user to Keystone and a project to Nova, so
// `rule:owner` is looked up in its own scope first, then among the rules that all share. A rule that does not exist
// denies (attack-25). What a rule looks at is the stored row and the token, never the body of a request (attack-7).
import { parse } from 'yaml'
import {
  compile,
  PolicySyntaxError,
  references,
  ruleText,
  type Check,
  type Credentials,
  type Decision,
  type Named,
  type Target,
} from './policy-language.ts'

export { compile, PolicySyntaxError, type Check, type Credentials, type Target } from './policy-language.ts'

/** rule name → rule text */
export type Rules = Record<string, string>

/** What a token can be scoped to. One without any scope counts as one of a project, as oslo.policy has it. */
export type ScopeType = 'system' | 'domain' | 'project'

/** For tokens of which scopes a domain's rules hold: most of them, and those that differ. null: of any, for helper rules. */
export interface RuleScopes {
  usual: readonly ScopeType[] | null
  but?: Record<string, readonly ScopeType[] | null>
}

/** What is wrong in an operator's file; the rule it names denies until it is mended. */
export interface PolicyFault {
  rule: string
  reason: string
}

interface Scope {
  texts: Map<string, string>
  checks: Map<string, Check>
  /** rules that hold for some kinds of token only; an operator's file changes texts, never these */
  scopeTypes: Map<string, readonly ScopeType[]>
  /** how its rules see those that they name */
  named: Named
}

const shared = ''
const deny: Check = () => false

/** What the token is scoped to; null for the cloud itself, which has none. */
const scopeOf = ({ is_cloud: isCloud, system_scope: system, domain_id: domain }: Credentials): ScopeType | null =>
  isCloud === true ? null : system !== null ? 'system' : domain !== null ? 'domain' : 'project'

/** Compiled sets of rules. Later ones of the same scope (an operator's file) override earlier ones by name. */
export class Policy {
  #scopes = new Map<string, Scope>()
  /** which scope a rule of an operation stands in: those names are unique, helper rules' are not */
  #homes: Map<string, string>

  /** Begins with what another one holds, which stays as it is. */
  constructor(from: Policy | null = null) {
    this.#homes = new Map(from === null ? [] : from.#homes)
    for (const [name, { texts, checks, scopeTypes }] of from === null ? [] : from.#scopes) {
      this.#scopes.set(name, {
        texts: new Map(texts),
        checks: new Map(checks),
        scopeTypes: new Map(scopeTypes),
        named: this.#namedIn(name),
      })
    }
  }

  /** Loads a domain's own rules (or, without a scope, those that all share). A mistake in them is a bug. */
  load(rules: Rules, scope = shared, { usual, but = {} }: RuleScopes = { usual: null }): void {
    for (const [name, text] of Object.entries(rules)) {
      this.#set(scope, name, text, compile(text))
      const scopeTypes = Object.hasOwn(but, name) ? but[name] : usual
      if (scopeTypes) this.#scope(scope).scopeTypes.set(name, scopeTypes)
    }
    for (const name of Object.keys(rules)) if (this.#circle(scope, name)) throw new PolicySyntaxError(`the rule ${name} refers to itself`)
  }

  /** Loads an operator's file, YAML or JSON, over a domain's rules; a rule that cannot be read denies and is reported. */
  loadFile(content: string, scope: string): PolicyFault[] {
    const parsed: unknown = parse(content, { uniqueKeys: false }) ?? {}
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new PolicySyntaxError('a policy file maps rule names to rules')
    const rules = parsed as Record<string, unknown>
    const faults: PolicyFault[] = []
    for (const [name, value] of Object.entries(rules)) {
      const text = ruleText(value)
      try {
        if (text === null) throw new PolicySyntaxError('a rule is a text or a list')
        this.#set(scope, name, text, compile(text))
      } catch (error) {
        if (!(error instanceof PolicySyntaxError)) throw error
        this.#set(scope, name, '!', deny)
        faults.push({ rule: name, reason: error.message })
      }
    }
    for (const name of Object.keys(rules)) {
      if (this.#circle(scope, name)) {
        this.#set(scope, name, '!', deny)
        faults.push({ rule: name, reason: 'the rule refers to itself' })
      }
      for (const other of references(this.#scope(scope).texts.get(name) ?? '')) {
        if (!this.#find(scope, other)) faults.push({ rule: name, reason: `it names the rule ${other}, which does not exist` })
      }
    }
    return faults
  }

  has(rule: string): boolean {
    return this.#homes.has(rule)
  }
  names(): string[] {
    return [...this.#homes.keys()]
  }
  text(rule: string): string | undefined {
    return this.#scopes.get(this.#homes.get(rule) ?? shared)?.texts.get(rule)
  }
  /** For which kinds of token the rule holds; null: for all. */
  scopeTypes(rule: string): readonly ScopeType[] | null {
    return this.#scopes.get(this.#homes.get(rule) ?? shared)?.scopeTypes.get(rule) ?? null
  }
  /**
   * Does the rule hold, and for a token of this scope? Only the rule that is asked is held to its scopes, not those that
   * it names. A helper rule is looked up where the asker (an operation's rule) stands: a domain's file may have its own.
   */
  allows(rule: string, target: Target, credentials: Credentials, asker: string | null = null): boolean {
    return this.#decide(rule, { target, credentials, asker }) ?? false
  }
  /** Could this token satisfy the rule for any target at all? What the rule asks of the target is taken as possibly true. */
  maySatisfy(rule: string, credentials: Credentials): boolean {
    return this.#decide(rule, { target: null, credentials, asker: null }) !== false
  }
  #decide(
    rule: string,
    { target, credentials, asker }: { target: Target | null; credentials: Credentials; asker: string | null },
  ): Decision {
    const own = asker === null || asker === rule ? undefined : this.#scopes.get(this.#homes.get(asker) ?? shared)
    const scope = own?.checks.has(rule) ? own : this.#scopes.get(this.#homes.get(rule) ?? shared)
    const check = scope?.checks.get(rule)
    if (!scope || !check) return false
    const kinds = scope.scopeTypes.get(rule)
    if (kinds) {
      const kind = scopeOf(credentials)
      if (kind !== null && !kinds.includes(kind)) return false
    }
    return check(target, credentials, scope.named)
  }

  #scope(name: string): Scope {
    let scope = this.#scopes.get(name)
    if (!scope) this.#scopes.set(name, (scope = { texts: new Map(), checks: new Map(), scopeTypes: new Map(), named: this.#namedIn(name) }))
    return scope
  }
  #set(scope: string, name: string, text: string, check: Check): void {
    const { texts, checks } = this.#scope(scope)
    texts.set(name, text)
    checks.set(name, check)
    if (!this.#homes.has(name)) this.#homes.set(name, scope)
  }
  /** The scope that a rule of the given one means by this name. */
  #find(scope: string, name: string): Scope | undefined {
    const own = this.#scope(scope)
    if (own.checks.has(name)) return own
    const common = this.#scope(shared)
    return common.checks.has(name) ? common : undefined
  }
  #namedIn(scope: string): Named {
    return (name, target, credentials) => {
      const home = this.#find(scope, name)
      const check = home?.checks.get(name)
      // a rule that does not exist denies; what one that exists leaves open (no target) stays open
      return home && check ? check(target, credentials, home.named) : false
    }
  }
  /** Does the rule, by the rules that it names, come back to itself? */
  #circle(scope: string, name: string): boolean {
    const seen = new Set<string>()
    const open = references(this.#scope(scope).texts.get(name) ?? '')
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === name) return true
      if (seen.has(next)) continue
      seen.add(next)
      open.push(...references(this.#scope(scope).texts.get(next) ?? this.#scope(shared).texts.get(next) ?? ''))
    }
    return false
  }
}

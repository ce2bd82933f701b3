// Our rules against upstream's: of each rule that both have, text and scope types mean the same; what differs, what only
// we have and what only they have stands in deviations.tsv with its reason.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basePolicy } from '../../src/platform/api/base-policy.ts'
import { domains } from '../../src/server/domains.ts'
import { deviations, difference, expand, upstreamRules, type Deviation } from './upstream.ts'

/** Every difference, as 'domain rule what' → what it is. */
function differences(): Map<string, string> {
  const found = new Map<string, string>()
  for (const {
    name: domain,
    policy: own,
    policyScopes: { usual, but = {} },
  } of domains.filter(({ name }) => name !== 'operations')) {
    const ours = new Map([...Object.entries(basePolicy), ...Object.entries(own)])
    const theirs = new Map(upstreamRules.filter((rule) => rule.domain === domain).map((rule) => [rule.name, rule]))
    const texts = new Map([...theirs].map(([name, { check }]) => [name, check]))
    const asked = (name: string) => name.includes(':') || domain === 'network' || domain === 'image'
    for (const [name, text] of Object.entries(own)) {
      const upstream = theirs.get(name)
      if (!upstream) {
        found.set(`${domain}\t${name}\tours only`, text)
        continue
      }
      const differs = difference(expand(text, ours), expand(upstream.check, texts))
      if (differs)
        found.set(
          `${domain}\t${name}\tcheck`,
          `differs when just this is so: ${differs.join(', ') || 'nothing'}; upstream: ${upstream.check}`,
        )
      const scopes = Object.hasOwn(but, name) ? (but[name] ?? null) : usual
      const shown = (types: readonly string[] | null) => (types === null ? '-' : [...types].sort().join())
      if (shown(scopes) !== shown(upstream.scopes))
        found.set(`${domain}\t${name}\tscopes`, `${shown(scopes)}, upstream ${shown(upstream.scopes)}`)
    }
    for (const [name, { check }] of theirs) {
      if (!ours.has(name) && asked(name)) found.set(`${domain}\t${name}\tupstream only`, check)
    }
  }
  return found
}

test('clients 1 every rule and its scope types mean what upstream’s do, but for what deviations.tsv names with a reason', () => {
  const fits = (pattern: string, rule: string) => new RegExp(`^${pattern.replace(/[.\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(rule)
  const used = new Set<Deviation>()
  const unexplained = [...differences()].filter(([key]) => {
    const [domain, rule = '', what] = key.split('\t')
    const known = deviations.find((one) => one.domain === domain && one.what === what && one.reason !== '' && fits(one.rule, rule))
    if (known) used.add(known)
    return !known
  })
  assert.deepEqual(
    unexplained.map(([key, detail]) => `${key}: ${detail}`),
    [],
  )
  // what was not offered may have come since: that is no wrong answer
  assert.deepEqual(
    deviations.filter((one) => one.what !== 'upstream only' && !used.has(one)),
    [],
    'there is no such difference any more',
  )
})

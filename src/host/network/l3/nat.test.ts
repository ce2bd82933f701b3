// What a router does to packets, by its rules read back: whatever floating IPs it has, each leads to its fixed address, each fixed
// address goes out as one of its own, and only the inside is masqueraded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { idOf, router, routerPort } from '../../../../test/support/network-lab/specs.ts'
import { gatewayDevice } from '../names.ts'
import { routerRules } from './nat.ts'

const outside = gatewayDevice(idOf('g'))
const own = '203.0.113.20'

/** A map of the rules; nft refuses one with a key twice, and an empty list of elements. */
function mapOf(rules: string, name: string): Map<string, string> {
  const text = new RegExp(`map ${name} \\{[^}]*?(?:elements = \\{ ([^}]*) \\})?\\s*\\}`).exec(rules)?.[1]
  const entries = (text ?? '').split(', ').filter((entry) => entry !== '')
  const pairs = entries.map((entry) => entry.split(' : ') as [string, string])
  assert.equal(new Set(pairs.map(([key]) => key)).size, pairs.length, `a key twice in ${name}`)
  return new Map(pairs)
}

/** A packet that leaves: its source address then, by the first line that says anything of it. */
function sourceOf(rules: string, packet: { from: string; isOut: boolean; isInside: boolean; isTranslated: boolean }): string {
  const fixed = mapOf(rules, 'fixed')
  const chain = /chain postrouting \{([^}]*)\}/.exec(rules)?.[1] ?? ''
  for (const line of chain.split('\n').map((text) => text.trim())) {
    const [conditions, action] = line.split(' snat to ')
    if (action === undefined || conditions === undefined) continue
    if (conditions.includes('oifname !=') ? packet.isOut : conditions.includes('oifname') && !packet.isOut) continue
    if (conditions.includes('meta mark') && !packet.isInside) continue
    if (conditions.includes('ct status dnat') && !packet.isTranslated) continue
    if (action !== 'ip saddr map @fixed') return action
    const mapped = fixed.get(packet.from)
    if (mapped !== undefined) return mapped
  }
  return packet.from
}

const floatingIps = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 50, max: 90 }), fc.integer({ min: 2, max: 12 })), {
    selector: ([floating]) => floating,
    maxLength: 12,
  })
  .map((pairs) =>
    pairs.map(([floating, fixed], index) => ({ id: String(index), floatingIp: `203.0.113.${floating}`, fixedIp: `10.0.0.${fixed}` })),
  )

const rulesOf = (entries: { id: string; floatingIp: string; fixedIp: string }[], enableSnat: boolean) =>
  routerRules(
    router('r', {
      interfaces: [routerPort('i', 'n1', ['10.0.0.1/24'])],
      gateway: { ...routerPort('g', 'public', [`${own}/24`, '2001:db8::20/64']), enableSnat, gatewayIps: ['203.0.113.1'] },
      floatingIps: entries,
    }),
  )

test('every floating IP leads to its fixed address, and a fixed address goes out as the first of its own', () => {
  fc.assert(
    fc.property(floatingIps, fc.boolean(), (entries, enableSnat) => {
      const rules = rulesOf(entries, enableSnat)
      assert.deepEqual(mapOf(rules, 'floating'), new Map(entries.map(({ floatingIp, fixedIp }) => [floatingIp, fixedIp])))
      for (const { fixedIp } of entries) {
        const first = entries.find((entry) => entry.fixedIp === fixedIp)?.floatingIp
        assert.equal(sourceOf(rules, { from: fixedIp, isOut: true, isInside: true, isTranslated: false }), first)
      }
    }),
  )
})

test('what has no floating IP is masqueraded on its way out when SNAT is on, and left alone when it is off; strangers never are', () => {
  fc.assert(
    fc.property(floatingIps, fc.boolean(), fc.integer({ min: 2, max: 12 }), (entries, enableSnat, host) => {
      const rules = rulesOf(entries, enableSnat)
      const from = `10.0.0.${host}`
      const floating = entries.find(({ fixedIp }) => fixedIp === from)?.floatingIp
      const out = { from, isOut: true, isInside: true, isTranslated: false }
      assert.equal(sourceOf(rules, out), floating ?? (enableSnat ? own : from))
      // between the router's own networks addresses stay as they are
      assert.equal(sourceOf(rules, { ...out, isOut: false }), from)
      // who comes in from outside keeps his address on the way to a guest
      assert.equal(sourceOf(rules, { from: '198.51.100.7', isOut: false, isInside: false, isTranslated: true }), '198.51.100.7')
    }),
  )
})

test('a guest that calls a floating IP of its own router is answered by way of the router', () => {
  fc.assert(
    fc.property(floatingIps, fc.boolean(), fc.integer({ min: 2, max: 12 }), (entries, enableSnat, host) => {
      const rules = rulesOf(entries, enableSnat)
      const from = `10.0.0.${host}`
      const floating = entries.find(({ fixedIp }) => fixedIp === from)?.floatingIp
      assert.equal(sourceOf(rules, { from, isOut: false, isInside: true, isTranslated: true }), floating ?? own)
    }),
  )
})

test('a router without a gateway, or with one of IPv6 alone, translates nothing of its own', () => {
  const inside = { interfaces: [routerPort('i', 'n1', ['10.0.0.1/24'])] }
  assert.doesNotMatch(routerRules(router('r', inside)), /nat/)
  const rules = routerRules(
    router('r', { ...inside, gateway: { ...routerPort('g', 'public', ['2001:db8::20/64']), enableSnat: true, gatewayIps: [] } }),
  )
  assert.equal(sourceOf(rules, { from: '10.0.0.5', isOut: true, isInside: true, isTranslated: false }), '10.0.0.5')
  assert.equal(rules.includes(outside), true)
})

// What every HostNetwork does, real or fake: the same tests run over both (fake.test.ts, conformance.lab.ts).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostNetwork } from '../../contract/network.ts'
import { HostError } from '../../contract/call.ts'
import { bridgeName, dhcpNamespace, routerNamespace, tapName } from './names.ts'
import { call, dhcp, group, idOf, macOf, network, port, router, routerPort, spec } from '../../../test/support/network-lab/specs.ts'

export interface Subject extends AsyncDisposable {
  net: HostNetwork
}

const guestPort = (name: string) => ({ portId: idOf(name), mac: macOf(name), mtuBytes: 1450 })
const subnet = {
  id: idOf('s'),
  cidr: '10.0.0.0/24',
  ipVersion: 4 as const,
  serverIp: '10.0.0.2',
  gatewayIp: null,
  enableDhcp: true,
  ipv6Mode: null,
  dnsNameservers: [],
  hostRoutes: [],
  mtuBytes: 1450,
}
const whole = () =>
  spec({
    networks: [network('n1')],
    ports: [port('a', 'n1', { fixedIps: ['10.0.0.11'] }), port('off', 'n1', { adminStateUp: false })],
    securityGroups: [group('default', [])],
    dhcp: [dhcp('n1', { subnets: [subnet] })],
    routers: [router('r', { interfaces: [routerPort('r-n1', 'n1', ['10.0.0.1/24'])] }), router('r-off', { adminStateUp: false })],
  })

/** Registers the suite for one kind of network. */
export function networkConformance(kind: string, make: () => Promise<Subject>): void {
  test(`${kind}: reports what is up, and why what is not is not`, async () => {
    await using subject = await make()
    const wanted = whole()
    const first = await subject.net.apply(wanted, call())
    const up = { state: 'up', reason: null }
    assert.deepEqual(first, {
      generation: wanted.generation,
      ports: {
        [idOf('a')]: { state: 'down', reason: 'its guest has no tap yet' },
        [idOf('off')]: { state: 'down', reason: 'its admin state is down' },
      },
      routers: { [idOf('r')]: up, [idOf('r-off')]: { state: 'down', reason: 'its admin state is down' } },
      dhcp: { [idOf('n1')]: up },
    })
    assert.equal(await subject.net.ensureTap(guestPort('a')), tapName(idOf('a')))
    assert.deepEqual((await subject.net.apply(wanted, call())).ports[idOf('a')], up)
    await subject.net.removeTap(idOf('a'))
    assert.equal((await subject.net.apply(wanted, call())).ports[idOf('a')]?.state, 'down')
  })

  test(`${kind}: lists what it made, and takes away what is not named`, async () => {
    await using subject = await make()
    await subject.net.ensureTap(guestPort('a'))
    await subject.net.apply(whole(), call())
    const there = await subject.net.list()
    assert.deepEqual(there.bridges, [bridgeName(idOf('n1'))])
    assert.deepEqual(there.taps.sort(), ['a', 'dhcp n1', 'r-n1'].map((name) => tapName(idOf(name))).sort())
    assert.deepEqual(there.namespaces.sort(), [dhcpNamespace(idOf('n1')), routerNamespace(idOf('r'))].sort())
    assert.deepEqual(await subject.net.compare(whole()), [])
    const more = whole()
    const other = spec({ ...more, networks: [...more.networks, network('n2')], routers: more.routers.slice(1), ports: more.ports.slice(1) })
    assert.deepEqual(
      (await subject.net.compare(other)).map(({ kind, name, state }) => `${state} ${kind} ${name}`).sort(),
      [
        `missing bridge ${bridgeName(idOf('n2'))}`,
        `unexplained namespace ${routerNamespace(idOf('r'))}`,
        ...['a', 'r-n1'].map((name) => `unexplained tap ${tapName(idOf(name))}`),
      ].sort(),
    )
    await subject.net.apply(spec({}), call())
    assert.deepEqual(await subject.net.list(), { bridges: [], taps: [], namespaces: [], processes: [], tables: [] })
  })

  test(`${kind}: every call is fine twice`, async () => {
    await using subject = await make()
    const wanted = whole()
    for (let time = 0; time < 2; time++) await subject.net.ensureTap(guestPort('a'))
    const one = await subject.net.apply(wanted, call())
    assert.deepEqual(await subject.net.apply(wanted, call()), one)
    for (let time = 0; time < 2; time++) await subject.net.removeTap(idOf('a'))
  })

  test(`${kind}: makes again what it was told last, and says how it is now; before it was told it knows nothing`, async () => {
    await using subject = await make()
    assert.equal(await subject.net.again(), null)
    await subject.net.ensureTap(guestPort('a'))
    const report = await subject.net.apply(whole(), call())
    assert.deepEqual(await subject.net.again(), report)
    await subject.net.removeTap(idOf('a'))
    const now = await subject.net.again()
    assert.equal(now?.generation, report.generation)
    assert.equal(now?.ports[idOf('a')]?.state, 'down')
  })

  test(`${kind}: a tap waits for its port through specs that are no later than its caller knew, and goes with the first that is`, async () => {
    await using subject = await make()
    const [older, known, later] = [spec({}), spec({}), spec({})]
    await subject.net.ensureTap(guestPort('a'), known.generation)
    const counts: number[] = []
    for (const wanted of [older, known, known, later]) {
      await subject.net.apply(wanted, call())
      counts.push((await subject.net.list()).taps.length)
    }
    assert.deepEqual(counts, [1, 1, 1, 0])
  })

  test(`${kind}: a tap that is asked for late, after a spec without its port, is refused`, async () => {
    await using subject = await make()
    const [before, named, gone] = [spec({}), whole(), spec({})]
    await subject.net.ensureTap(guestPort('a'), before.generation)
    for (const wanted of [named, gone]) await subject.net.apply(wanted, call())
    await assert.rejects(subject.net.ensureTap(guestPort('a'), before.generation), { code: 'stale_fence' })
    assert.deepEqual((await subject.net.list()).taps, [])
    await subject.net.ensureTap(guestPort('a'), gone.generation)
    assert.equal((await subject.net.list()).taps.length, 1)
  })

  test(`${kind}: an older fence is refused, an older generation does not undo a newer one`, async () => {
    await using subject = await make()
    const [older, newer, late] = [spec({}), spec({ networks: [network('n1')] }), call()]
    await subject.net.apply(newer, call())
    const report = await subject.net.apply(older, call())
    assert.equal(report.generation, newer.generation)
    assert.equal((await subject.net.list()).bridges.length, 1)
    await assert.rejects(subject.net.apply(newer, late), (error: unknown) => error instanceof HostError && error.code === 'stale_fence')
  })

  test(`${kind}: a port that is malformed is named, the others are made`, async () => {
    await using subject = await make()
    const wanted = whole()
    wanted.ports.push(port('bad', 'n1', { mac: 'none' }), port('lost', 'elsewhere'))
    const report = await subject.net.apply(wanted, call())
    assert.equal(report.ports[idOf('bad')]?.reason, 'its MAC is malformed')
    assert.equal(report.ports[idOf('lost')]?.reason, 'its network is not on this host')
    assert.equal(report.routers[idOf('r')]?.state, 'up')
  })
}

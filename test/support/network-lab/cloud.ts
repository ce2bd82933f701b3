// A driver with its guests for one lab test: made in the namespace that the test runs in, cleaned up with everything
// that it made, and checked to have left nothing. Tests only.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/platform/clock.ts'
import { silentLog } from '../../../src/platform/log.ts'
import type { HostNetworkReport, HostNetworkSpec, MetadataSource } from '../../../src/contract/network.ts'
import type { RealNetworkOptions } from '../../../src/host/network/context.ts'
import { tapName } from '../../../src/host/network/names.ts'
import { createRealNetwork, type RealNetwork } from '../../../src/host/network/real.ts'
import { run } from '../../../src/host/network/run.ts'
import { type Guest, startGuest } from './guest.ts'
import { call, idOf, macOf } from './specs.ts'

export interface LabCloud extends AsyncDisposable {
  net: RealNetwork
  dataDir: string
  asked: { from: Parameters<MetadataSource['get']>[0]; path: string }[]
  /** Starts a guest behind the port of that name. */
  guest(name: string): Promise<Guest>
  /** A guest whose program holds the port's tap itself, as the user 65534. */
  tapGuest(name: string): Promise<Guest>
  /** The machine itself, for asking from outside. */
  machine(): Promise<Guest>
  apply(spec: HostNetworkSpec): Promise<HostNetworkReport>
  /** The process dies and comes again: a new driver over the same data directory. */
  restart(): Promise<void>
}

let clouds = 0

/** `await using cloud = await labCloud()` */
export async function labCloud(more: Partial<RealNetworkOptions> = {}): Promise<LabCloud> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stackling-lab-'))
  const number = ++clouds
  const guests: Guest[] = []
  const asked: LabCloud['asked'] = []
  const metadata: MetadataSource = {
    async get(from, path) {
      asked.push({ from, path })
      return { status: 200, contentType: 'application/json', body: JSON.stringify({ ...from, path }) }
    },
  }
  const make = () => createRealNetwork({ dataDir, clock: systemClock, log: silentLog, metadata, ...more })
  const keep = async (started: Promise<Guest>) => {
    const guest = await started
    guests.push(guest)
    return guest
  }
  const cloud: LabCloud = {
    net: make(),
    dataDir,
    asked,
    guest: (name) => keep(startGuest(`g${process.pid}-${number}-${name}`, { portId: idOf(name), mac: macOf(name) })),
    tapGuest: (name) =>
      keep(startGuest(name, { portId: idOf(name), mac: macOf(name), within: null, tap: { name: tapName(idOf(name)), uid: 65_534 } })),
    machine: () => keep(startGuest('machine', { portId: '', mac: '', within: null })),
    apply: (spec) => cloud.net.apply(spec, call()),
    async restart() {
      await cloud.net.close()
      cloud.net = make()
    },
    async [Symbol.asyncDispose]() {
      await cloud.net.removeAll()
      const left = await cloud.net.list()
      await cloud.net.close()
      for (const guest of guests) await guest.end()
      rmSync(dataDir, { recursive: true })
      assert.deepEqual(left, { bridges: [], taps: [], namespaces: [], processes: [], tables: [] }, 'nothing is left')
    },
  }
  return cloud
}

/** Sees that the machine is as before: no device but lo, no rules. For a lab that only one cloud uses. */
export async function assertUntouched(): Promise<void> {
  const links = JSON.parse(await run(['ip', '-j', 'link'])) as { ifname: string }[]
  assert.deepEqual(
    links.map((link) => link.ifname),
    ['lo'],
  )
  assert.equal(await run(['nft', 'list', 'ruleset']), '')
}

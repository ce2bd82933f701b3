// Hosts, wired: the one file of this folder that the server imports beside the contract.
import { type FakeHost, type FakeHostOptions, assembleFakeHost } from './fake-host.ts'
import { assembleRealHost, type RealHost, type RealHostOptions } from './real-host.ts'

export type { FakeHost, FakeHostOptions } from './fake-host.ts'
export type { RealHost, RealHostOptions } from './real-host.ts'
export { freeRange } from './network/free-range.ts'
export { memoryJournal, type Journal } from './journal.ts'

/** A host whose guests, disks and networks are simulated; needs no root and no package. */
export async function createFakeHost(options: FakeHostOptions): Promise<FakeHost> {
  return assembleFakeHost(options)
}

/** This machine as a host, with guests that run. */
export async function createRealHost(options: RealHostOptions): Promise<RealHost> {
  return assembleRealHost(options)
}

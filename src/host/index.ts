// Hosts, wired: the one file of this folder that the server imports beside the contract.
// A start loads the drivers that it is asked for alone.
import type { FakeHost, FakeHostOptions } from './fake-host.ts'
import type { RealHost, RealHostOptions } from './real-host.ts'

export type { FakeHost, FakeHostOptions } from './fake-host.ts'
export type { RealHost, RealHostOptions } from './real-host.ts'
export { freeRange } from './network/free-range.ts'
export { memoryJournal, type Journal } from './journal.ts'

/** A host whose guests, disks and networks are simulated; needs no root and no package. */
export async function createFakeHost(options: FakeHostOptions): Promise<FakeHost> {
  const { assembleFakeHost } = await import('./fake-host.ts')
  return assembleFakeHost(options)
}

/** This machine as a host, with guests that run. */
export async function createRealHost(options: RealHostOptions): Promise<RealHost> {
  const { assembleRealHost } = await import('./real-host.ts')
  return assembleRealHost(options)
}

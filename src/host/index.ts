// Hosts, wired: the one file of this folder that the server imports beside the contract.
import type { Host, MetadataSource } from './contract.ts'
import { assembleFakeHost, type FakeHost, type FakeHostOptions } from './fake-host.ts'
import { standInNetwork } from './stand-in-network.ts'

export type { FakeHost, FakeHostOptions } from './fake-host.ts'

/** A host whose guests, disks and networks are simulated; needs no root and no package. */
export async function createFakeHost(options: FakeHostOptions): Promise<FakeHost> {
  return assembleFakeHost(options, standInNetwork())
}

export interface RealHostOptions extends Omit<FakeHostOptions, 'dataDir' | 'journal' | 'inventory'> {
  dataDir: string
  metadata: MetadataSource
}

export async function createRealHost(options: RealHostOptions): Promise<Host> {
  void options
  throw new Error('the real drivers are not wired yet')
}

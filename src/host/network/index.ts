// The network of a host: the real one and the fake one, behind the HostNetwork of contract/network.ts.
export type { RealNetworkOptions } from './context.ts'
export { createFakeNetwork, type FakeNetwork, type FakeNetworkOptions } from './fake.ts'
export { createRealNetwork, type RealNetwork } from './real.ts'

// The face of the compute domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export { computeBootstrap } from './bootstrap.ts'
export { hostsKnown } from './hosts/hosts.ts'
export { createConsoleProxy } from './consoles/backends/proxy.ts'
export { metadataSource } from './metadata/source.ts'

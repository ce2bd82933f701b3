// The face of the identity domain: the only file of it that other domains import. How it is wired into the cloud: domain.ts.
export { identityBootstrap, identityExtend, type CatalogEntry, type IdentityBootstrap, type IdentityBootstrapped } from './bootstrap.ts'
export { endpointUrl } from './endpoint-url.ts'
export { accessKeyFind, type AccessKey } from './access-keys.ts'
export { loginFigures } from './auth/gate.ts'
export { authenticate } from './tokens/tokens.ts'
export { projectFetch, projectsGone, userFetch, type ProjectFacts, type UserFacts } from './exported.ts'

// The name of the reconciler that looks at guests (observe.reconciler.ts): sagas signal it by this, and it begins sagas itself.
export const observer = { name: 'server-observe' }

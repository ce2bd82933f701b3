// What a pool can do, and whether that is what a volume type's extra specs ask for (Cinder's capabilities filter).
import type { Context } from '../platform/context.ts'

/** 'files' or 'fake': the only backend of a machine, and its only pool. */
export const backendName = (ctx: Pick<Context, 'config'>): string => (ctx.config.drivers === 'real' ? 'files' : 'fake')

/** peer@files#files */
export const poolName = (ctx: Pick<Context, 'config'>, host: string): string => `${host}@${backendName(ctx)}#${backendName(ctx)}`

/** The same for every pool: there is one kind. A qcow2 file has one writer (docs/decisions/0005). */
export const capabilitiesOf = (ctx: Pick<Context, 'config'>) => ({
  pool_name: backendName(ctx),
  volume_backend_name: backendName(ctx),
  storage_protocol: 'file',
  vendor_name: 'Open Source',
  driver_version: '1.0.0',
  reserved_percentage: 0,
  max_over_subscription_ratio: '20.0',
  thin_provisioning_support: true,
  thick_provisioning_support: false,
  multiattach: ctx.config.drivers !== 'real',
  QoS_support: false,
  filter_function: null,
  goodness_function: null,
  consistencygroup_support: false,
  replication_enabled: false,
})

/** Specs without a scope, or of the scope 'capabilities', must all hold; other scopes are for drivers. */
export function satisfies(capabilities: Record<string, unknown>, specs: Record<string, string>): boolean {
  return Object.entries(specs).every(([key, wanted]) => {
    const [scope, name] = key.includes(':') ? [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)] : ['capabilities', key]
    return scope !== 'capabilities' || (name in capabilities && matches(capabilities[name], wanted))
  })
}

function matches(has: unknown, wanted: string): boolean {
  const [, operator, value = ''] = /^(<is>|<in>|s==|s!=|==|=|>=|<=)?\s*(.*)$/.exec(wanted) ?? []
  const text = String(has)
  switch (operator) {
    case '<is>':
      return text.toLowerCase() === value.toLowerCase()
    case '<in>':
      return text.includes(value)
    case 's!=':
      return text !== value
    case '=':
    case '>=':
      return Number(text) >= Number(value)
    case '<=':
      return Number(text) <= Number(value)
    default:
      return text === value
  }
}

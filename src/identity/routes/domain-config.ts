// /domains/{id}/config, its groups and options, and the defaults of all of them.
import { Type } from '../../platform/api/type.ts'
import { operation, Reply, type Operation } from '../../platform/api/operation.ts'
import { badRequest } from '../../platform/errors.ts'
import {
  domainConfigDelete,
  domainConfigGet,
  domainConfigUpdate,
  domainConfigCreate,
  domainConfigDefaults,
  domainCheck,
  securityCompliance,
  type DomainConfig,
} from '../domain-config.ts'

type Params = Record<string, string>
const body = Type.Object({ config: Type.Record(Type.String(), Type.Unknown()) })
const base = '/domains/:domain_id/config'
const domainId = (params: Params): string => params['domain_id'] ?? ''
const place = (params: Params) => ({ group: params['group'], option: params['option'] })

/** A body's groups must be objects; a PATCH of one option holds just that option. */
function configOf(config: Record<string, unknown>, { group, option }: ReturnType<typeof place>): DomainConfig {
  if (group !== undefined && option !== undefined) {
    if (!(option in config)) throw badRequest(`The body does not hold the option ${option}.`)
    return { [group]: { [option]: config[option] } }
  }
  if (group !== undefined && !(group in config)) throw badRequest(`The body does not hold the group ${group}.`)
  const foreign = Object.values(config).find((values) => typeof values !== 'object' || values === null || Array.isArray(values))
  if (foreign !== undefined) throw badRequest('Each group of a configuration is an object of options.')
  return config as DomainConfig
}

const change = (path: string, group?: string): Operation =>
  operation({
    method: 'PATCH',
    path,
    summary: 'Change configuration of a domain',
    policy: 'identity:update_domain_config',
    status: 200,
    body,
    target: (ctx, { params }) => domainCheck(ctx, domainId(params)),
    async handler(ctx, { params, body: { config } }) {
      return {
        config: await domainConfigUpdate(ctx, domainId(params), configOf(config, place({ ...params, ...(group ? { group } : {}) }))),
      }
    },
  })

const remove = (path: string, group?: string): Operation =>
  operation({
    method: 'DELETE',
    path,
    summary: 'Remove configuration of a domain',
    policy: 'identity:delete_domain_config',
    status: 204,
    handler: (ctx, { params }) => domainConfigDelete(ctx, domainId(params), place({ ...params, ...(group ? { group } : {}) })),
  })

const levels = ['', '/:group', '/:group/:option']

export const domainConfigOperations: Operation[] = [
  ...['/domains/config/default', '/domains/config/:group/default', '/domains/config/:group/:option/default'].map((path) =>
    operation({
      method: 'GET',
      path,
      summary: 'Show default options of domain configuration',
      policy: 'identity:get_domain_config_default',
      status: 200,
      handler: async (ctx, { params }) => ({ config: domainConfigDefaults(ctx, params['group'], params['option']) }),
    }),
  ),
  operation({
    method: 'PUT',
    path: base,
    summary: 'Set the configuration of a domain',
    policy: 'identity:create_domain_config',
    status: 201,
    body,
    target: (ctx, { params }) => domainCheck(ctx, domainId(params)),
    async handler(ctx, { params, body: { config } }) {
      const fresh = await domainConfigCreate(ctx, domainId(params), configOf(config, { group: undefined, option: undefined }))
      return new Reply({ config: await domainConfigGet(ctx, domainId(params)) }, { status: fresh ? 201 : 200 })
    },
  }),
  ...['', '/:option'].flatMap((level) => [
    operation({
      method: 'GET',
      path: `${base}/security_compliance${level}`,
      summary: 'Show what a password must be',
      policy: 'identity:get_security_compliance_domain_config',
      status: 200,
      handler: async (ctx, { params }) => ({ config: securityCompliance(ctx, domainId(params), params['option']) }),
    }),
    change(`${base}/security_compliance${level}`, 'security_compliance'),
    remove(`${base}/security_compliance${level}`, 'security_compliance'),
  ]),
  ...levels.flatMap((level) => [
    operation({
      method: 'GET',
      path: base + level,
      summary: 'Show configuration of a domain',
      policy: 'identity:get_domain_config',
      status: 200,
      handler: async (ctx, { params }) => ({ config: await domainConfigGet(ctx, domainId(params), place(params)) }),
    }),
    change(base + level),
    remove(base + level),
  ]),
]

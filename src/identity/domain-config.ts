// Per-domain configuration: which options a domain may set, their defaults, and what a domain has set. Kept and shown
// as Keystone does; this cloud has one identity backend, so that nothing follows from an LDAP section.
import type { Context } from '../platform/context.ts'
import { forbidden, notFound } from '../platform/errors.ts'
import { table } from '../platform/table.ts'
import { existing } from './found.ts'
import { permit } from './permission.ts'
import { change } from './revision.ts'
import { domainOptions } from './store/delegation-tables.ts'
import { projects } from './store/tables.ts'

export type DomainConfig = Record<string, Record<string, unknown>>

const defaults: DomainConfig = {
  identity: { driver: 'sql', list_limit: null },
  ldap: {
    url: 'ldap://localhost',
    user: null,
    suffix: 'cn=example,cn=com',
    query_scope: 'one',
    page_size: 0,
    alias_dereferencing: 'default',
    debug_level: null,
    chase_referrals: null,
    user_tree_dn: null,
    user_filter: null,
    user_objectclass: 'inetOrgPerson',
    user_id_attribute: 'cn',
    user_name_attribute: 'sn',
    user_mail_attribute: 'mail',
    user_description_attribute: 'description',
    user_pass_attribute: 'userPassword',
    user_enabled_attribute: 'enabled',
    user_enabled_invert: false,
    user_enabled_mask: 0,
    user_enabled_default: 'True',
    user_attribute_ignore: ['default_project_id'],
    user_default_project_id_attribute: null,
    user_enabled_emulation: false,
    user_enabled_emulation_dn: null,
    user_enabled_emulation_use_group_config: false,
    user_additional_attribute_mapping: [],
    group_tree_dn: null,
    group_filter: null,
    group_objectclass: 'groupOfNames',
    group_id_attribute: 'cn',
    group_name_attribute: 'ou',
    group_members_are_ids: false,
    group_member_attribute: 'member',
    group_desc_attribute: 'description',
    group_attribute_ignore: [],
    group_additional_attribute_mapping: [],
    tls_cacertfile: null,
    tls_cacertdir: null,
    use_tls: false,
    tls_req_cert: 'demand',
    use_pool: true,
    pool_size: 10,
    pool_retry_max: 3,
    pool_retry_delay: 0.1,
    pool_connection_timeout: -1,
    pool_connection_lifetime: 600,
    use_auth_pool: true,
    auth_pool_size: 100,
    auth_pool_connection_lifetime: 60,
  },
}
/** kept, never shown */
const secret: Record<string, string[]> = table({ ldap: ['password'] })

const invalid = (reason: string) => forbidden(`Invalid domain specific configuration: ${reason}`)
const unsupported = (text: string) => invalid(`${text} is not supported for domain specific configurations.`)

function optionCheck(group: string, option?: string): void {
  const known = Object.hasOwn(defaults, group) ? defaults[group] : undefined
  if (!known) throw unsupported(`Group ${group}`)
  if (option !== undefined && !Object.hasOwn(known, option) && !secret[group]?.includes(option))
    throw unsupported(`Option ${option} in group ${group}`)
}

/** The defaults of all options, of one group's, or of one option. */
export function domainConfigDefaults(ctx: Context, group?: string, option?: string): Record<string, unknown> {
  permit(ctx)
  if (group === undefined) return defaults
  optionCheck(group, option)
  const options = defaults[group] ?? {}
  if (option === undefined) return { [group]: options }
  if (!Object.hasOwn(options, option)) throw unsupported(`Option ${option} in group ${group}`)
  return { [option]: options[option] }
}

/** What a password must be, in the two settings of the group that everybody may read: of the default domain, whose rules all have. */
export function securityCompliance(ctx: Context, domainId: string, option?: string): Record<string, unknown> {
  permit(ctx)
  if (domainId !== 'default')
    throw invalid('Reading security compliance information for any domain other than the default domain is not allowed or supported.')
  const { passwordRegex, passwordRegexDescription } = ctx.config.identity
  const options: Record<string, unknown> = table({ password_regex: passwordRegex, password_regex_description: passwordRegexDescription })
  if (option === undefined) return { security_compliance: options }
  if (!Object.hasOwn(options, option)) {
    throw invalid('Reading security compliance values other than password_regex and password_regex_description is not allowed.')
  }
  return { [option]: options[option] }
}

/** The domain, which must be there, once the rule allows. */
export async function domainCheck(ctx: Context, domainId: string): Promise<void> {
  permit(ctx)
  existing(await projects.first(ctx.db, { id: domainId, is_domain: true }), 'domain', domainId)
}

async function stored(ctx: Context, domainId: string): Promise<DomainConfig> {
  const config: DomainConfig = {}
  for (const row of await domainOptions.list(ctx.db, { domain_id: domainId })) {
    if (secret[row.group_name]?.includes(row.option_name)) continue
    config[row.group_name] = { ...config[row.group_name], [row.option_name]: JSON.parse(row.value) as unknown }
  }
  return config
}

const missingText = (domainId: string, what: string) => notFound(`Could not find ${what} configuration for domain ${domainId}.`)

/** What the domain has set: all, one group, or one option. */
export async function domainConfigGet(
  ctx: Context,
  domainId: string,
  place: { group?: string | undefined; option?: string | undefined } = {},
): Promise<Record<string, unknown>> {
  await domainCheck(ctx, domainId)
  const { group, option } = place
  if (group !== undefined) optionCheck(group, option)
  const config = await stored(ctx, domainId)
  if (group === undefined) {
    if (Object.keys(config).length === 0) throw missingText(domainId, 'any options in the')
    return config
  }
  const options = config[group]
  if (!options || (option !== undefined && !(option in options)))
    throw missingText(domainId, `option ${option ?? ''} in group ${group} in the`)
  return option === undefined ? { [group]: options } : { [option]: options[option] }
}

function checked(config: DomainConfig): [group: string, option: string, value: unknown][] {
  const options = Object.entries(config).flatMap(([group, values]) =>
    Object.entries(values).map(([option, value]): [string, string, unknown] => [group, option, value]),
  )
  for (const [group, option] of options) optionCheck(group, option)
  if (options.length === 0) throw forbidden('Invalid domain specific configuration: No options specified.')
  return options
}

async function write(tx: Context, domainId: string, options: [string, string, unknown][]): Promise<void> {
  for (const [group, option, value] of options) {
    await domainOptions.delete(tx.db, { domain_id: domainId, group_name: group, option_name: option })
    await domainOptions.insert(tx.db, { domain_id: domainId, group_name: group, option_name: option, value: JSON.stringify(value ?? null) })
  }
}

/** Replaces all that the domain had set; true when it had nothing before. */
export async function domainConfigCreate(ctx: Context, domainId: string, config: DomainConfig): Promise<boolean> {
  await domainCheck(ctx, domainId)
  const options = checked(config)
  return change(ctx, { type: 'domain', id: domainId, action: 'configure' }, async (tx) => {
    const before = await domainOptions.delete(tx.db, { domain_id: domainId })
    await write(tx, domainId, options)
    return before === 0
  })
}

/** Changes single options; those of a group or an option that is named in the path must be what the body holds. */
export async function domainConfigUpdate(ctx: Context, domainId: string, config: DomainConfig): Promise<Record<string, unknown>> {
  await domainCheck(ctx, domainId)
  const options = checked(config)
  await change(ctx, { type: 'domain', id: domainId, action: 'configure' }, (tx) => write(tx, domainId, options))
  return stored(ctx, domainId)
}

export async function domainConfigDelete(
  ctx: Context,
  domainId: string,
  place: { group?: string | undefined; option?: string | undefined } = {},
): Promise<void> {
  await domainConfigGet(ctx, domainId, place)
  await change(ctx, { type: 'domain', id: domainId, action: 'configure' }, (tx) =>
    domainOptions.delete(tx.db, { domain_id: domainId, group_name: place.group, option_name: place.option }),
  )
}

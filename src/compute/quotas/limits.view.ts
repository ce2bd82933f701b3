// Quota uses → /limits: networks' ones until 2.35, image metadata until 2.38, injected files until 2.56.
import type { Context } from '../../platform/context.ts'
import { table } from '../../platform/table.ts'
import type { QuotaUse } from './quotas.ts'

const limitNames: Record<string, string[]> = table({
  instances: ['maxTotalInstances'],
  cores: ['maxTotalCores'],
  ram: ['maxTotalRAMSize'],
  metadata_items: ['maxServerMeta', 'maxImageMeta'],
  injected_files: ['maxPersonality'],
  injected_file_content_bytes: ['maxPersonalitySize'],
  key_pairs: ['maxTotalKeypairs'],
  server_groups: ['maxServerGroups'],
  server_group_members: ['maxServerGroupMembers'],
  floating_ips: ['maxTotalFloatingIps'],
  security_groups: ['maxSecurityGroups'],
  security_group_rules: ['maxSecurityGroupRules'],
})
const usedNames: Record<string, string> = table({
  ram: 'totalRAMUsed',
  cores: 'totalCoresUsed',
  instances: 'totalInstancesUsed',
  floating_ips: 'totalFloatingIpsUsed',
  security_groups: 'totalSecurityGroupsUsed',
  server_groups: 'totalServerGroupsUsed',
})

export function limitsView(ctx: Context, uses: Record<string, QuotaUse>) {
  const hidden = new Set([
    ...(ctx.microversion.atLeast('2.36') ? ['floating_ips', 'security_groups', 'security_group_rules'] : []),
    ...(ctx.microversion.atLeast('2.57') ? ['injected_files', 'injected_file_content_bytes'] : []),
  ])
  const absolute: Record<string, number> = table()
  const shown = Object.entries(uses).filter(([name]) => !hidden.has(name))
  for (const [name, { limit }] of shown) {
    for (const limitName of limitNames[name] ?? [])
      if (limitName !== 'maxImageMeta' || !ctx.microversion.atLeast('2.39')) absolute[limitName] = limit
  }
  for (const [name, { in_use: inUse }] of shown) {
    const usedName = usedNames[name]
    if (usedName !== undefined) absolute[usedName] = inUse
  }
  return { limits: { rate: [], absolute } }
}

// clouds.yaml and openrc: how the official clients find this cloud.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Config } from '../platform/config.ts'
import { table } from '../platform/table.ts'
import type { Secrets } from './secrets.ts'

/** Writes both into the data directory and tells where clouds.yaml is. */
export function writeClientFiles(config: Config, secrets: Secrets): string {
  const authUrl = `${config.publicUrl}/identity/v3`
  const cloud = (user: string, password: string) => ({
    auth: { auth_url: authUrl, username: user, password, project_name: user, user_domain_name: 'Default', project_domain_name: 'Default' },
    region_name: config.region,
    identity_api_version: 3,
  })
  const clouds = { clouds: { 'stackling-admin': cloud('admin', secrets.adminPassword), 'stackling-demo': cloud('demo', secrets.demoPassword) } }
  const path = join(config.dataDir, 'clouds.yaml')
  writeFileSync(path, stringify(clouds), { mode: 0o600 })
  const variables: Record<string, string> = table({
    OS_AUTH_URL: authUrl, OS_USERNAME: 'admin', OS_PASSWORD: secrets.adminPassword, OS_PROJECT_NAME: 'admin', OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default', OS_REGION_NAME: config.region, OS_IDENTITY_API_VERSION: '3',
  })
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`)
  writeFileSync(join(config.dataDir, 'openrc'), exports.join(''), { mode: 0o600 })
  return path
}

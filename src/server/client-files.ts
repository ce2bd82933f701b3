// clouds.yaml and openrc: how the official clients find this cloud. Passwords in clouds.yaml are the owner's to change: they
// are written once, and kept from then on; what else is ours in it is made true at each start.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Config } from '../platform/config.ts'
import { table } from '../platform/table.ts'
import { writeKept } from './kept-file.ts'
import type { Secrets } from './secrets.ts'

interface CloudEntry {
  auth?: { username?: string; password?: string }
}

interface CloudsFile {
  clouds?: Record<string, CloudEntry>
}

type Place = Pick<Config, 'dataDir' | 'publicUrl' | 'region' | 's3' | 'object'>

/** Writes both into the data directory and tells where clouds.yaml is. */
export function writeClientFiles(config: Place, secrets: Secrets): string {
  const path = join(config.dataDir, 'clouds.yaml')
  const before = readClouds(path)
  const authUrl = `${config.publicUrl}/identity/v3`
  const cloud = (user: string, first: string) => ({
    auth: {
      auth_url: authUrl,
      username: user,
      password: passwordIn(before, user) ?? first,
      project_name: user,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: config.region,
    identity_api_version: 3,
  })
  const admin = cloud('admin', secrets.adminPassword)
  writeKept(
    path,
    stringify({
      ...before,
      clouds: { ...before.clouds, [entryOf('admin')]: admin, [entryOf('demo')]: cloud('demo', secrets.demoPassword) },
    }),
  )
  const variables: Record<string, string> = table({
    OS_AUTH_URL: authUrl,
    OS_USERNAME: 'admin',
    OS_PASSWORD: admin.auth.password,
    OS_PROJECT_NAME: 'admin',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: config.region,
    OS_IDENTITY_API_VERSION: '3',
    // what the AWS command and SDKs take as their endpoint
    ...(config.s3 === null
      ? {}
      : { AWS_ENDPOINT_URL_S3: config.s3.publicUrl, AWS_DEFAULT_REGION: config.object.s3Region ?? config.region }),
  })
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
  writeKept(join(config.dataDir, 'openrc'), exports.join(''))
  return path
}

/** Writes a user's new password where the files have the old one; false: they have no such user. */
export function writePassword(dataDir: string, user: string, password: string): boolean {
  const path = join(dataDir, 'clouds.yaml')
  const clouds = readClouds(path)
  const entry = clouds.clouds?.[entryOf(user)]
  if (entry?.auth?.username !== user) return false
  entry.auth.password = password
  writeKept(path, stringify(clouds))
  const openrc = join(dataDir, 'openrc')
  if (user === 'admin' && existsSync(openrc))
    writeKept(openrc, readFileSync(openrc, 'utf8').replace(/^export OS_PASSWORD=.*$/m, `export OS_PASSWORD='${password}'`))
  return true
}

const entryOf = (user: string) => `stackling-${user}`

const passwordIn = ({ clouds }: CloudsFile, user: string): string | undefined => {
  const auth = clouds?.[entryOf(user)]?.auth
  return auth?.username === user && typeof auth.password === 'string' ? auth.password : undefined
}

/** What the file says now; one that is none of YAML any more is made anew. */
function readClouds(path: string): CloudsFile {
  if (!existsSync(path)) return {}
  try {
    const file = parse(readFileSync(path, 'utf8')) as unknown
    return typeof file === 'object' && file !== null ? file : {}
  } catch (error) {
    if ((error as Error).name === 'YAMLParseError') return {}
    throw error
  }
}

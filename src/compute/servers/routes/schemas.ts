// The bodies of server requests, by microversion: what Nova's schemas allow and nothing else.
import type { Static } from 'typebox'
import { Type } from '../../../platform/api/type.ts'
import { boolean, closed, description, metadata, name, nameOrNone, open } from '../../routes/schemas.ts'

export const uuid = Type.String({ format: 'uuid' })
export const ipAddress = Type.Unsafe<string>({ type: 'string', format: 'ip' })

export const tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' })
export const adminPass = Type.String()
export const base64 = Type.String({ format: 'base64', maxLength: 65_535 })
export const diskConfig = Type.Unsafe<'AUTO' | 'MANUAL'>({ type: 'string', enum: ['AUTO', 'MANUAL'] })
const hostname = Type.String({ minLength: 2, maxLength: 63, pattern: '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$' })
/** A fully qualified name, since 2.94. */
const fqdn = Type.String({ minLength: 1, maxLength: 255, pattern: '^[a-zA-Z0-9-._]*$' })
export const hostnameSince = (since: Since) => (since('2.90') ? { hostname: since('2.94') ? fqdn : hostname } : {})
export const flavorRef = Type.Unsafe<string | number>({ type: ['string', 'integer'], minLength: 1 })
export const maxTags = 50
export const trustedCertificates = Type.Unsafe<string[] | null>({
  type: ['array', 'null'],
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', minLength: 1 },
})
export const personality = Type.Array(
  Type.Object({ path: Type.Optional(Type.String()), contents: Type.Optional(Type.String({ format: 'base64' })) }, closed),
)

export interface Since {
  (version: string): boolean
}

export const updateVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.89'],
  ['2.90', '2.93'],
  ['2.94', '2.103'],
  ['2.104', null],
]

export type UpdateBody = Static<ReturnType<typeof updateSchema>>

export const updateSchema = (since: Since) =>
  open(
    {
      server: open({
        name,
        'OS-DCF:diskConfig': diskConfig,
        accessIPv4: Type.String({ format: 'ipv4' }),
        accessIPv6: Type.String({ format: 'ipv6' }),
        ...(since('2.19') ? { description } : {}),
        ...hostnameSince(since),
        ...(since('2.104') ? { pinned_availability_zone: nameOrNone } : {}),
      }),
    },
    ['server'],
  )

export const rebuildVersions: [string, string | null][] = [
  ['2.1', '2.18'],
  ['2.19', '2.53'],
  ['2.54', '2.56'],
  ['2.57', '2.62'],
  ['2.63', '2.89'],
  ['2.90', '2.93'],
  ['2.94', null],
]

export type RebuildBody = Static<ReturnType<typeof rebuildSchema>>

export const rebuildSchema = (since: Since) =>
  open(
    {
      name,
      imageRef: uuid,
      adminPass,
      metadata,
      preserve_ephemeral: boolean,
      'OS-DCF:diskConfig': diskConfig,
      accessIPv4: Type.String({ format: 'ipv4' }),
      accessIPv6: Type.String({ format: 'ipv6' }),
      ...(since('2.57')
        ? { user_data: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', format: 'base64', maxLength: 65_535 }, { type: 'null' }] }) }
        : {}),
      ...(since('2.57') ? {} : { personality }),
      ...(since('2.19') ? { description } : {}),
      ...(since('2.54')
        ? { key_name: Type.Unsafe<string | null>({ oneOf: [{ type: 'string', minLength: 1, maxLength: 255 }, { type: 'null' }] }) }
        : {}),
      ...(since('2.63') ? { trusted_image_certificates: trustedCertificates } : {}),
      ...hostnameSince(since),
    },
    ['imageRef'],
  )

// Action rebuild, in each of its microversions.
import { Reply } from '../../../platform/api/operation.ts'
import type { Context } from '../../../platform/context.ts'
import { defined } from '../../../platform/defined.ts'
import { badRequest } from '../../../platform/errors.ts'
import { serverParts } from '../details.ts'
import { generatedPassword } from './password.ts'
import { serverRebuild, type Rebuild } from './rebuild.ts'
import { serverLinks, serverShowView } from '../views/servers.ts'
import { canonicalIPv6 } from '../servers.ts'
import { rebuildSchema, rebuildVersions, type RebuildBody } from '../routes/schemas.ts'
import { sinceOf } from '../routes/servers.ts'
import { action } from '../routes/action.ts'

function rebuildOf(body: RebuildBody): Rebuild {
  if (body.trusted_image_certificates) throw badRequest('Image signature certificate validation is not supported by this cloud.')
  return {
    imageId: body.imageRef,
    ...(body.name === undefined ? {} : { name: body.name.trim() }),
    ...defined({ description: body.description, hostname: body.hostname, metadata: body.metadata }),
    ...(body.personality === undefined ? {} : { files: body.personality.map(({ path = '', contents = '' }) => ({ path, contents })) }),
    ...defined({ keyName: body.key_name, userData: body.user_data, accessIPv4: body.accessIPv4 }),
    ...(body.accessIPv6 === undefined ? {} : { accessIPv6: canonicalIPv6(body.accessIPv6) }),
    ...defined({ diskConfig: body['OS-DCF:diskConfig'] }),
  }
}

async function rebuild(ctx: Context, id: string, body: RebuildBody): Promise<Reply> {
  const row = await serverRebuild(ctx, id, rebuildOf(body))
  const since = (version: string) => ctx.microversion.atLeast(version)
  const shown = { full: since('2.75'), keyName: since('2.54'), serverGroups: since('2.71'), userData: false }
  const { server } = serverShowView(ctx, row, { parts: await serverParts(ctx, [row]), shown })
  server['adminPass'] = body.adminPass ?? generatedPassword(ctx.ids)
  if (since('2.57')) server['user_data'] = row.user_data
  return new Reply({ server }, { headers: { location: serverLinks(ctx, id)[0]?.href ?? '' } })
}

export const rebuildActions = rebuildVersions.map((versions) =>
  action('rebuild', 'Rebuild a server', 'servers:rebuild', {
    versions,
    body: rebuildSchema(sinceOf(versions[0])),
    handler: (ctx, id, value) => rebuild(ctx, id, value),
  }),
)

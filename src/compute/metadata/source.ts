// Answers a guest's request to 169.254.169.254: who asks is found by where the request came from, never by what
// it says (attack-26). Both layouts below one root; only reading, but for the guest's own password.
import type { MetadataSource } from '../../contract/network.ts'
import { Context, type Platform } from '../../platform/context.ts'
import { metadataOwner } from '../../network/index.ts'
import { serverFetch } from '../servers/store/servers.ts'
import { ec2Read, ec2Tree, ec2Versions } from './ec2.ts'
import { metadataFacts, type MetadataFacts } from './facts.ts'
import { contentPath, openstackFiles, openstackVersions } from './openstack.ts'

type Answer = Awaited<ReturnType<MetadataSource['get']>>

const notFound: Answer = {
  status: 404,
  contentType: 'text/html; charset=UTF-8',
  body: '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  The resource could not be found.<br /><br />\n\n\n </body>\n</html>',
}
const plainText = (body: string): Answer => ({ status: 200, contentType: 'text/plain; charset=UTF-8', body })

/** What the hosts' metadata proxies ask. */
export function metadataSource(platform: Platform): MetadataSource {
  return {
    async get(from, path) {
      const ctx = Context.ofCloud(platform, 'a guest asks for its own metadata, and is known by its address')
      const owner = await metadataOwner(ctx, from)
      const server = owner && (await serverFetch(ctx.db, owner.serverId))
      if (!server) return notFound
      return metadataAnswer(await metadataFacts(ctx, server), path)
    },
  }
}

/** One path's answer. */
function metadataAnswer(facts: MetadataFacts, path: string): Answer {
  const parts = (path.split('?')[0] ?? '').split('/').filter((part) => part !== '')
  if (parts.length === 0) return plainText([...ec2Versions, 'openstack'].join('\n'))
  if (parts[0] === 'openstack') return openstackAnswer(facts, parts.slice(1))
  if (!ec2Versions.includes(parts[0] ?? '')) return notFound
  const found = ec2Read(ec2Tree(facts), parts.slice(1))
  if (found === undefined) return notFound
  return plainText(typeof found === 'string' ? found : found.toString('utf8'))
}

function openstackAnswer(facts: MetadataFacts, parts: string[]): Answer {
  const [version, name, ...more] = parts
  if (version === undefined) return plainText(openstackVersions.join('\n'))
  if (version === 'content') {
    const index = facts.files.findIndex((_, at) => contentPath(at) === `/content/${name}`)
    const file = facts.files[index]
    return file && more.length === 0 ? plainText(file.contents.toString('utf8')) : notFound
  }
  if (!openstackVersions.includes(version) || more.length > 0) return notFound
  const files = openstackFiles(facts, version)
  if (name === undefined) return plainText([...Object.keys(files), ''].join('\n').trimEnd())
  const content = Object.hasOwn(files, name) ? files[name] : undefined
  if (content === undefined) return notFound
  if (name.endsWith('.json')) return { status: 200, contentType: 'application/json', body: String(content) }
  return name === 'user_data' ? { status: 200, contentType: 'application/octet-stream', body: String(content) } : plainText(String(content))
}

// The OpenAPI document of every service, generated from the declared operations: what the fuzz test drives.
import { fullPaths } from '../platform/api/route-table.ts'
import { keystoneErrors } from '../platform/api/error-formats.ts'
import { operation, Reply, type Operation, type Service } from '../platform/api/operation.ts'
import { table } from '../platform/table.ts'

type Json = Record<string, unknown>

/** GET /openapi.json: half a megabyte that is made once and then sent as it is (F7). */
export function openapiService(services: Service[]): Service {
  let made: Buffer | undefined
  const bytes = () => (made ??= Buffer.from(JSON.stringify(openapiDocument(services))))
  return {
    type: 'openapi',
    prefix: '/openapi.json',
    bases: [''],
    errors: keystoneErrors,
    operations: [
      operation({
        method: 'GET',
        path: '^',
        summary: 'The OpenAPI document of every service',
        policy: null,
        status: 200,
        handler: async () => new Reply(bytes()),
      }),
    ],
  }
}

/** All operations of all services; actions that share a path become alternatives of one body. */
function openapiDocument(services: Service[]): Json {
  const paths: Record<string, Record<string, Json>> = table()
  for (const service of services) {
    for (const declared of service.operations) {
      for (const path of fullPaths(service, declared)) {
        const template = path.replace(/:(\w+)/g, '{$1}')
        const methods = (paths[template] ??= {})
        const method = declared.method.toLowerCase()
        methods[method] = merge(methods[method], describe(service, declared, template))
      }
    }
  }
  return { openapi: '3.1.0', info: { title: 'Stackling', version: '1' }, paths }
}

function describe(service: Service, declared: Operation, template: string): Json {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
  const queries = Object.entries((declared.query as { properties?: Json } | undefined)?.properties ?? {})
  const body =
    declared.body &&
    (declared.action === undefined
      ? declared.body
      : { type: 'object', properties: { [declared.action]: declared.body }, required: [declared.action] })
  return {
    tags: [service.type],
    summary: declared.summary,
    ...(declared.policy === null ? {} : { security: [{ token: [] }] }),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...queries.map(([name, schema]) => ({ name, in: 'query', schema })),
    ],
    ...(body ? { requestBody: { content: { 'application/json': { schema: body } } } } : {}),
    responses: { [declared.status]: { description: declared.summary } },
  }
}

/** A second operation on the same path and method (an action, another microversion): its body is one alternative more. */
function merge(known: Json | undefined, added: Json): Json {
  if (!known) return added
  const schemaOf = (item: Json) =>
    (item['requestBody'] as { content: Record<string, { schema: Json }> } | undefined)?.content['application/json']?.schema
  const [first, second] = [schemaOf(known), schemaOf(added)]
  if (!first || !second) return known
  const alternatives = (first['oneOf'] as Json[] | undefined) ?? [first]
  return { ...known, requestBody: { content: { 'application/json': { schema: { oneOf: [...alternatives, second] } } } } }
}

// /flavors: list, detail, show, create, describe (2.55), delete.
import type { Static } from 'typebox'
import { Type } from '../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import { lenientBoolean, publicFilter } from '../../platform/api/words.ts'
import type { Context } from '../../platform/context.ts'
import { badRequest } from '../../platform/errors.ts'
import { table } from '../../platform/table.ts'
import { flavorCreate, flavorDelete, flavorGet, flavorsList, flavorUpdate, type FlavorListing } from './flavors.ts'
import type { FlavorRow } from './store.ts'
import { flavorDetailView, flavorListView, flavorView } from './view.ts'
import { nextLink, pageLimit } from '../../platform/api/list.ts'
import { boolean, closed, last, many, name, nonNegativeInteger, open, positiveInteger, queryOf, wrapped } from '../routes/schemas.ts'

const at = (path: string) =>
  resource({
    path,
    one: 'a flavor',
    many: 'flavors',
    rule: (act) => `os_compute_api:${act === 'list' || act === 'show' ? 'flavors' : `os-flavor-manage:${act}`}`,
    status: { create: 200, delete: 202 },
  })
export const flavors = at('/flavors')

const columns: Record<string, string> = table({
  flavorid: 'id',
  id: 'id',
  created_at: 'created_at',
  description: 'description',
  disabled: 'disabled',
  ephemeral_gb: 'ephemeral_gb',
  is_public: 'is_public',
  memory_mb: 'memory_mb',
  name: 'name',
  root_gb: 'root_gb',
  rxtx_factor: 'rxtx_factor',
  swap: 'swap',
  updated_at: 'updated_at',
  vcpu_weight: 'vcpus',
  vcpus: 'vcpus',
})

const listQuery = {
  limit: many(nonNegativeInteger),
  marker: many(Type.String()),
  is_public: many(Type.String()),
  minRam: many(Type.String()),
  minDisk: many(Type.String()),
  sort_key: many(Type.Unsafe<string>({ type: 'string', enum: Object.keys(columns) })),
  sort_dir: many(Type.Unsafe<'asc' | 'desc'>({ type: 'string', enum: ['asc', 'desc'] })),
}
const sortKey = many(Type.Unsafe<string>({ type: 'string', enum: Object.keys(columns).filter((key) => key !== 'rxtx_factor') }))
const namedQuery = { ...listQuery, sort_key: sortKey, name: many(Type.String()) }
const queries = (version: string | null) =>
  queryOf(version === '2.102' ? namedQuery : (listQuery as typeof namedQuery), version === null ? 'ignored' : 'refused')

async function page(ctx: Context, request: ApiRequest<Static<ReturnType<typeof queries>>>): Promise<{ rows: FlavorRow[]; more: object }> {
  const { query } = request
  const limit = pageLimit(ctx, last(query.limit) === undefined ? undefined : Number(last(query.limit)))
  const direction = last(query.sort_dir) === 'desc' ? 'desc' : 'asc'
  const column = columns[last(query.sort_key) ?? 'flavorid'] ?? 'id'
  const listing: FlavorListing = {
    isPublic: isPublic(last(query.is_public)),
    name: last(query.name),
    minRamMib: minimum('minRam', last(query.minRam)),
    minDiskGib: minimum('minDisk', last(query.minDisk)),
    sorts: [{ column, direction }, ...(column === 'id' ? [] : [{ column: 'id', direction } as const])],
    limit,
    marker: last(query.marker),
  }
  const rows = await flavorsList(ctx, listing)
  return { rows, more: nextLink(ctx, 'flavors', { url: request.url, limit, rows: rows.length, marker: rows.at(-1)?.id }) }
}

/** Absent: those that one sees; 'none': all. */
const isPublic = (text: string | undefined): boolean | 'none' | undefined =>
  text === undefined ? undefined : (publicFilter(text) ?? 'none')

function minimum(parameter: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^-?\d+$/.test(text)) throw badRequest(`Invalid ${parameter} filter [${text}]`)
  return Number(text)
}

const listVersions: [string | null, string | null][] = [
  [null, '2.74'],
  ['2.75', '2.101'],
  ['2.102', null],
]
const list = (path: string, view: typeof flavorListView | typeof flavorDetailView) =>
  listVersions.map((versions) =>
    at(path).list({
      versions,
      query: queries(versions[0]),
      async handler(ctx, request) {
        const { rows, more } = await page(ctx, request)
        return { ...view(ctx, rows), ...more }
      },
    }),
  )

const flavorId = Type.Unsafe<string | number | null>({
  type: ['string', 'number', 'null'],
  minLength: 1,
  maxLength: 255,
  pattern: '^(?! )[a-zA-Z0-9. _-]+(?<! )$',
})
const rxtxFactor = Type.Unsafe<number | string>({
  type: ['number', 'string'],
  pattern: '^[0-9]+(\\.[0-9]+)?$',
  minimum: 0,
  exclusiveMinimum: 0,
  maximum: 3.40282e38,
  minLength: 1,
})
const flavorDescription = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  minLength: 0,
  maxLength: 65535,
  pattern: '^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$',
})

const newFlavor = {
  name,
  id: flavorId,
  ram: positiveInteger,
  vcpus: positiveInteger,
  disk: nonNegativeInteger,
  'OS-FLV-EXT-DATA:ephemeral': nonNegativeInteger,
  swap: nonNegativeInteger,
  'os-flavor-access:is_public': boolean,
}

const create = (versions: [string | null, string | null], has: { description: boolean; factor: boolean }) =>
  flavors.create({
    versions,
    body: wrapped(
      'flavor',
      open(
        {
          ...newFlavor,
          ...(has.factor ? { rxtx_factor: rxtxFactor } : {}),
          ...(has.description ? { description: flavorDescription } : {}),
        },
        ['name', 'ram', 'vcpus', 'disk'],
      ),
    ),
    async handler(ctx, request) {
      const { flavor } = request.body
      const row = await flavorCreate(ctx, {
        id: flavor.id === undefined || flavor.id === null || flavor.id === 'auto' ? undefined : String(flavor.id),
        name: flavor.name,
        description: flavor.description ?? null,
        memory_mb: Number(flavor.ram),
        vcpus: Number(flavor.vcpus),
        root_gb: Number(flavor.disk),
        ephemeral_gb: Number(flavor['OS-FLV-EXT-DATA:ephemeral'] ?? 0),
        swap: Number(flavor.swap ?? 0),
        rxtx_factor: rxtx(flavor.rxtx_factor),
        is_public: lenientBoolean(flavor['os-flavor-access:is_public'] ?? true),
      })
      return flavorView(ctx, row)
    },
  })

function rxtx(value: unknown): number {
  const factor = Number(value ?? 1)
  if (!(factor > 0) || factor > 3.40282e38)
    throw badRequest(`Invalid input received: 'rxtx_factor' argument must be a float between 0 and 3.40282e+38`)
  return factor
}

export const flavorOperations: Operation[] = [
  ...list('/flavors', flavorListView),
  ...list('/flavors/detail', flavorDetailView),
  flavors.show({ handler: async (ctx, id) => flavorView(ctx, await flavorGet(ctx, id)) }),
  create([null, '2.54'], { description: false, factor: true }),
  create(['2.55', '2.101'], { description: true, factor: true }),
  create(['2.102', null], { description: true, factor: false }),
  flavors.update({
    summary: 'Change a flavor’s description',
    versions: ['2.55', null],
    body: wrapped('flavor', Type.Object({ description: flavorDescription }, closed)),
    handler: async (ctx, id, { body }) => flavorView(ctx, await flavorUpdate(ctx, id, body.flavor.description)),
  }),
  flavors.delete({ handler: flavorDelete }),
]

// The query of GET /v2/images: filters, sort keys, paging. Everything that is no attribute filters by an additional property.
import type { Context } from '../platform/context.ts'
import { ApiError, badRequest } from '../platform/errors.ts'
import type { Sort } from '../platform/store/page.ts'
import { table } from '../platform/table.ts'
import { imageRowGet, type Image } from './images.ts'
import { imagesPage, type Comparison, type ImageColumn, type ImageFilters } from './store/image-list.ts'
import type { ImageRow } from './store/images.ts'

export type Query = Record<string, string | string[] | undefined>

const defaultLimit = 25
const sortKeys = ['name', 'status', 'container_format', 'disk_format', 'size', 'id', 'created_at', 'updated_at']
const nullAs: Record<string, string | number> = table({ name: '', container_format: '', disk_format: '', size: -1 })
const listColumns = new Set(['name', 'id', 'status', 'container_format', 'disk_format'])
const plainColumns: Record<string, ImageColumn> = table({
  owner: 'project_id',
  checksum: 'checksum',
  os_hash_value: 'os_hash_value',
  os_hash_algo: 'os_hash_algo',
  size: 'size',
  virtual_size: 'virtual_size',
  min_disk: 'min_disk',
  min_ram: 'min_ram',
})
const numericColumns = new Set<string>(['size', 'virtual_size', 'min_disk', 'min_ram'])
const operators: Record<string, Comparison> = table({ gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' })

export interface ImageListing {
  images: Image[]
  nextMarker: string | undefined
}

export async function imageList(ctx: Context, query: Query): Promise<ImageListing> {
  ctx.authorize()
  const rest = { ...query }
  const limit = Math.min(takeLimit(rest), ctx.config.maxPageSize)
  const marker = takeOne(rest, 'marker')
  const sorts = takeSorts(rest)
  const filters = takeFilters(rest)
  const after = marker === undefined ? undefined : await markerRow(ctx, marker)
  if (limit === 0) return { images: [], nextMarker: undefined }
  const images = await imagesPage(ctx.db, {
    viewer: { projectId: ctx.actor.projectId, isAdmin: ctx.isAdmin },
    filters,
    sorts,
    limit,
    after,
  })
  return { images, nextMarker: images.length === limit ? images.at(-1)?.id : undefined }
}

/** An image that may not be seen is no marker: a page would tell that it is there. */
async function markerRow(ctx: Context, id: string): Promise<ImageRow> {
  return imageRowGet(ctx, id, 'get_image').catch((error: unknown) => {
    throw error instanceof ApiError && error.code === 'not_found' ? badRequest(`No image found with ID ${id}`) : error
  })
}

function takeOne(query: Query, name: string): string | undefined {
  const value = query[name]
  delete query[name]
  return Array.isArray(value) ? value.at(-1) : value
}

function takeAll(query: Query, name: string): string[] {
  const value = query[name]
  delete query[name]
  return value === undefined ? [] : [value].flat()
}

function takeLimit(query: Query): number {
  const text = takeOne(query, 'limit')
  if (text === undefined) return defaultLimit
  if (!/^-?\d+$/.test(text.trim())) throw badRequest('limit param must be an integer')
  if (Number(text) < 0) throw badRequest('limit param must be positive')
  return Number(text)
}

/** `sort=name:asc,size` or `sort_key=name&sort_dir=asc`; ends with created_at and id, so that pages have an order. */
function takeSorts(query: Query): Sort[] {
  const modern = takeOne(query, 'sort')
  const [keys, directions] = [takeAll(query, 'sort_key'), takeAll(query, 'sort_dir')]
  if (modern !== undefined && keys.length + directions.length > 0) throw badRequest('Old and new sorting syntax cannot be combined')
  if (keys.length > 0 && directions.length > 1 && directions.length !== keys.length)
    throw badRequest('Number of sort dirs does not match the number of sort keys')
  const pairs =
    modern === undefined
      ? (keys.length > 0 ? keys : ['created_at']).map(
          (key, index) => [key.trim(), (directions[index] ?? directions[0] ?? 'desc').trim()] as const,
        )
      : modern.split(',').map((part) => {
          const [key = '', direction = 'desc'] = part.split(':')
          return [key.trim(), direction.trim()] as const
        })
  const sorts = pairs.map(([column, direction]): Sort => {
    if (!sortKeys.includes(column))
      throw badRequest(`Invalid sort key: ${column}. It must be one of the following: ${sortKeys.join(', ')}.`)
    if (direction !== 'asc' && direction !== 'desc') throw badRequest(`Invalid sort direction: ${direction}`)
    return { column, direction, ...(column in nullAs ? { nullAs: nullAs[column] as string } : {}) }
  })
  // one direction alone is the direction of all
  const last = modern === undefined && directions.length === 1 ? sorts[0]?.direction : 'desc'
  for (const column of ['created_at', 'id']) {
    if (!sorts.some((sort) => sort.column === column)) sorts.push({ column, direction: last ?? 'desc' })
  }
  return sorts
}

function takeFilters(query: Query): ImageFilters {
  const memberStatus = takeOne(query, 'member_status') ?? 'accepted'
  if (!['pending', 'accepted', 'rejected', 'all'].includes(memberStatus)) throw badRequest(`Invalid status: ${memberStatus}`)
  const visibility = takeOne(query, 'visibility')
  if (visibility !== undefined && !['community', 'public', 'private', 'shared', 'all'].includes(visibility)) {
    throw badRequest(`Invalid visibility value: ${visibility}`)
  }
  if (takeOne(query, 'changes-since') !== undefined) throw badRequest('The "changes-since" filter is no longer available on v2.')
  const filters: ImageFilters = {
    comparisons: [{ column: 'os_hidden', comparison: '=', value: takeBoolean(query, 'os_hidden', (text) => text.toLowerCase()) ?? 0 }],
    times: [],
    oneOf: [],
    properties: table(),
    tags: takeAll(query, 'tag').map((tag) => tag.trim()),
    visibility: visibility as ImageFilters['visibility'],
    memberStatus: memberStatus as ImageFilters['memberStatus'],
  }
  const isProtected = takeBoolean(query, 'protected', (text) => text)
  if (isProtected !== undefined) filters.comparisons.push({ column: 'protected', comparison: '=', value: isProtected })
  for (const name of Object.keys(query)) addFilter(filters, name, takeOne(query, name) ?? '')
  return filters
}

/** Glance reads os_hidden in any case, and protected in lower case alone. */
function takeBoolean(query: Query, name: string, read: (text: string) => string): number | undefined {
  const given = takeOne(query, name)
  if (given === undefined) return undefined
  const text = read(given)
  if (text !== 'true' && text !== 'false')
    throw badRequest(`Invalid value '${text}' for '${name}' filter. Valid values are 'true' or 'false'.`)
  return text === 'true' ? 1 : 0
}

function addFilter(filters: ImageFilters, name: string, value: string): void {
  const bound = /^(size|virtual_size|min_disk|min_ram)_(min|max)$/.exec(name)
  if (bound) {
    const comparison = bound[2] === 'min' ? '>=' : '<='
    filters.comparisons.push({
      column: bound[1] as ImageColumn,
      comparison,
      value: wholeNumber(value, 'Unable to filter on a range with a non-numeric value.'),
    })
  } else if (name === 'created_at' || name === 'updated_at') filters.times.push({ column: name, ...timeFilter(name, value) })
  else if (listColumns.has(name)) addListFilter(filters, name as ImageColumn, value)
  else if (Object.hasOwn(plainColumns, name)) {
    const column = plainColumns[name] as ImageColumn
    filters.comparisons.push({
      column,
      comparison: '=',
      value: numericColumns.has(name) ? wholeNumber(value, `Invalid value '${value}' for '${name}' filter.`) : value,
    })
  } else filters.properties[name] = value
}

function wholeNumber(text: string, message: string): number {
  if (!/^-?\d{1,18}$/.test(text.trim())) throw badRequest(message)
  return Number(text)
}

function splitOperator(text: string): [operator: string, value: string] {
  const match = /^(gte?|lte?|eq|neq|in):(.*)$/s.exec(text)
  return match ? [match[1] ?? 'eq', match[2] ?? ''] : ['eq', text]
}

/** `name=in:a,"b,c"` */
function addListFilter(filters: ImageFilters, column: ImageColumn, text: string): void {
  const [operator, value] = splitOperator(text)
  if (operator === 'in') filters.oneOf.push({ column, values: splitQuoted(value) })
  else if (operator === 'eq') filters.comparisons.push({ column, comparison: '=', value })
  else throw badRequest(`Unable to filter by unknown operator '${operator}'.`)
}

function splitQuoted(text: string): string[] {
  const values = [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*(?:,|$)|([^",]+)(?:,|$)/gy)]
  const read = values.reduce((sum, match) => sum + match[0].length, 0)
  if (values.length === 0 || read !== text.length) throw badRequest(`Invalid filter value ${text}. The quote is not closed.`)
  return values.map((match) => (match[1] === undefined ? (match[2] ?? '').trim() : match[1].replace(/\\(.)/g, '$1')))
}

/** Times are shown in seconds, and so compared: a moment between two seconds equals none. */
function timeFilter(name: string, text: string): { comparison: Comparison; value: string } {
  const [operator, value] = splitOperator(text)
  const atMs = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
  if (Number.isNaN(atMs)) throw badRequest(`Bad "${name}" query filter format. Use ISO 8601 DateTime notation.`)
  return { comparison: operators[operator] ?? '=', value: new Date(atMs).toISOString().replace(/(\.000)?Z$/, '') }
}

// A container as a web site, for who comes without a token, with a temporary URL, or with X-Web-Mode: an index in place of a folder,
// pages of the owner's in place of errors, and a page that lists what is there. The listing asks the same rights as any other.
import { objectsList } from '../../engine/index.ts'
import { discardBody, isSuccess, swiftError, type SwiftAnswer } from '../answer.ts'
import { authorise } from '../authorise.ts'
import { infoAdd } from '../info.ts'
import { inside } from '../inside.ts'
import { limits } from '../limits.ts'
import { quoted } from '../path.ts'
import { isTrue } from '../query.ts'
import { SwiftRefusal } from '../refusals.ts'
import type { SwiftRequest } from '../request.ts'
import type { Next, Step } from '../steps.ts'
import { isoText } from '../times.ts'
import { cssHref, disabledPage, listingPage, type PageLine } from './pages.ts'

export const staticWeb: Step = async (request, next) => {
  const { method, container, object, platform, caller, headers } = request
  if (!platform.config.object.staticWeb || container === null || (method !== 'GET' && method !== 'HEAD')) return next(request)
  const isWeb = isTrue(headers['x-web-mode'])
  const isVisitor = caller.kind === 'anonymous' || (caller.kind === 'granted' && caller.by === 'tempurl')
  if (!isVisitor && !isWeb) return next(request)
  const site = new Site(request, next, await settingsOf(request))
  return object === null ? site.container(isWeb) : site.object(object)
}

/** What the owner says of the site, in the container's metadata. */
interface Settings {
  index: string
  error: string
  listings: string
  label: string
  css: string
  directoryType: string
}

async function settingsOf(request: SwiftRequest): Promise<Settings> {
  const metadata = (await request.containerRow())?.metadata ?? {}
  const text = (name: string) => (metadata[`x-container-meta-web-${name}`] ?? '').trim()
  return {
    index: text('index'),
    error: text('error'),
    listings: text('listings'),
    label: text('listings-label'),
    css: text('listings-css'),
    directoryType: text('directory-type') || 'application/directory',
  }
}

const isFound = (made: SwiftAnswer): boolean => isSuccess(made) || (made.status >= 300 && made.status < 400)

class Site {
  readonly #request: SwiftRequest
  readonly #next: Next
  readonly #settings: Settings

  constructor(request: SwiftRequest, next: Next, settings: Settings) {
    this.#request = request
    this.#next = next
    this.#settings = settings
  }

  async container(isWeb: boolean): Promise<SwiftAnswer> {
    const { index, listings } = this.#settings
    const request = this.#request
    const refused = await this.#refusal()
    if (refused) return this.#error(refused)
    if (index === '' && listings === '') return isWeb ? swiftError(404) : this.#next(request)
    if (!request.rawPath.endsWith('/')) return this.#toSlash()
    if (index === '') return this.#listing('')
    const made = await this.#next(this.#at(index))
    if (made.status === 404) return this.#listing('')
    return isFound(made) ? shown(made) : this.#error(made)
  }

  async object(name: string): Promise<SwiftAnswer> {
    const { index, listings } = this.#settings
    const made = await this.#next(this.#request)
    const status = this.#isFolderMark(made) ? 404 : made.status
    if (isFound(made) && status !== 404) return index !== '' || listings !== '' ? shown(made) : made
    // pages of the owner's are for what is not there; another refusal stays as it is
    if (status !== 404 || (index === '' && listings === '')) return status === 404 ? this.#error(made) : made
    discardBody(made)
    const folder = name.endsWith('/') ? name : `${name}/`
    if (index !== '') {
      const found = await this.#next(this.#at(folder + index))
      if (isFound(found)) return name.endsWith('/') ? shown(found) : (discardBody(found), this.#toSlash())
      if (found.status !== 404) return this.#error(found)
    }
    if (name.endsWith('/')) return this.#listing(name)
    return (await this.#isFolder(folder)) ? this.#toSlash() : this.#error(swiftError(404))
  }

  /** An empty object of the directories' type is a folder. */
  #isFolderMark({ headers }: SwiftAnswer): boolean {
    return headers['content-type'] === this.#settings.directoryType && Number(headers['content-length'] ?? 0) <= 1
  }

  /** The same request for another object of the container. */
  #at(object: string): SwiftRequest {
    return this.#request.with({ object })
  }

  async #refusal(): Promise<SwiftAnswer | null> {
    try {
      // whoever may read objects may see the site; its listing is asked for apart
      await authorise(this.#request, this.#settings.index === '' ? 'container.list' : 'object.read')
      return null
    } catch (thrown) {
      if (thrown instanceof SwiftRefusal) return thrown.answer
      throw thrown
    }
  }

  /** The owner's page for such a status, with the status that it stands for. */
  async #error(made: SwiftAnswer): Promise<SwiftAnswer> {
    const { error } = this.#settings
    if (error === '') return made
    const found = await this.#next(inside(this.#request, { method: 'GET', object: `${made.status}${error}` }))
    if (!isSuccess(found)) return made
    const { etag: _, 'last-modified': __, ...headers } = found.headers
    return shown({ ...found, status: made.status, headers: { ...headers, ...wwwOf(made) } })
  }

  async #listing(prefix: string): Promise<SwiftAnswer> {
    const { listings, index, css } = this.#settings
    const look = { label: this.#label(), css: cssHref(css, prefix.split('/').length - 1) }
    if (!isTrue(listings)) return this.#error(htmlPage(404, disabledPage(look, index)))
    const refused = await this.#refused('container.list')
    if (refused) return this.#error(refused)
    const lines = await this.#lines(prefix)
    if (prefix !== '' && lines.length === 0) return this.#error(swiftError(404))
    const { query, prefix: shownFrom } = this.#temporaryUrl()
    return htmlPage(200, listingPage(look, { lines, hasParent: prefix.length > shownFrom.length, query }))
  }

  async #refused(act: 'container.list'): Promise<SwiftAnswer | null> {
    try {
      await authorise(this.#request.with({ object: null }), act)
      return null
    } catch (thrown) {
      if (thrown instanceof SwiftRefusal) return thrown.answer
      throw thrown
    }
  }

  /** Folders first, then objects, of one page of the listing. */
  async #lines(prefix: string): Promise<PageLine[]> {
    const row = await this.#request.containerRow()
    if (!row) return []
    const { entries } = await objectsList(this.#request.engine, row, {
      delimiter: '/',
      limit: limits.listing,
      ...(prefix !== '' && { prefix }),
    })
    const below = (name: string) => name.slice(prefix.length)
    const folders = entries.flatMap((entry): PageLine[] => ('subdir' in entry ? [{ subdir: below(entry.subdir) }] : []))
    const objects = entries.flatMap((entry): PageLine[] =>
      'row' in entry && entry.row.name !== prefix
        ? [
            {
              name: below(entry.row.name),
              bytes: entry.row.bytes,
              contentType: entry.row.content_type,
              lastModified: isoText(entry.row.modified_us),
            },
          ]
        : [],
    )
    return [...folders, ...objects]
  }

  async #isFolder(prefix: string): Promise<boolean> {
    const row = await this.#request.containerRow()
    if (!row || (await this.#refused('container.list'))) return false
    const { entries } = await objectsList(this.#request.engine, row, { prefix, limit: 1 })
    return entries.length > 0
  }

  #label(): string {
    const { path, container, object } = this.#request
    const { label } = this.#settings
    if (label !== '') return `${label}/${object ?? ''}`
    return container !== null && object === null ? `${path}/` : path
  }

  /** The parameters of a temporary URL for a prefix go with every link of its pages. */
  #temporaryUrl(): { query: string; prefix: string } {
    const { caller, query } = this.#request
    const prefix = query.get('temp_url_prefix')
    if (caller.kind !== 'granted' || prefix === null) return { query: '', prefix: '' }
    const names = ['temp_url_prefix', 'temp_url_expires', 'temp_url_sig', 'temp_url_ip_range']
    const parts = names.filter((name) => query.has(name)).map((name) => `${name}=${quoted(query.get(name) ?? '')}`)
    if (query.has('inline')) parts.push('inline')
    return { query: `?${parts.join('&')}`, prefix }
  }

  #toSlash(): SwiftAnswer {
    // as the client wrote it: the host's name may say the rest
    const [path = '', ...query] = (this.#request.raw.url ?? '').split('?')
    return swiftError(301, undefined, { location: `${path.replace(/^\/{2,}/, '/')}/${query.length > 0 ? `?${query.join('?')}` : ''}` })
  }
}

/** Seen in the browser, not saved. */
const shown = (made: SwiftAnswer): SwiftAnswer => ({ ...made, mayShow: true })

const htmlPage = (status: number, body: string): SwiftAnswer =>
  shown({ status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body })

const wwwOf = ({ headers }: SwiftAnswer): Record<string, string> => {
  const value = headers['www-authenticate']
  return value === undefined ? {} : { 'www-authenticate': value }
}

infoAdd('staticweb', ({ config }) => (config.object.staticWeb ? {} : null))

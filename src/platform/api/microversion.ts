// Microversions: what a client asked for, within what the service has. `2.9` < `2.10`.
import { ApiError, badRequest } from '../errors.ts'

export class Microversion {
  readonly major: number
  readonly minor: number
  constructor(major: number, minor: number) {
    this.major = major
    this.minor = minor
  }
  /** `text` is `2.47`; a bug when it is not. */
  static of(text: string): Microversion {
    const match = /^(\d+)\.(\d+)$/.exec(text)
    if (!match) throw new Error(`not a microversion: ${text}`)
    return new Microversion(Number(match[1]), Number(match[2]))
  }
  compare(other: Microversion): number {
    return this.major - other.major || this.minor - other.minor
  }
  /** The question that views and routes ask: `ctx.microversion.atLeast('2.47')`. */
  atLeast(text: string): boolean {
    return this.compare(cached(text)) >= 0
  }
  toString(): string {
    return `${this.major}.${this.minor}`
  }
}

const known = new Map<string, Microversion>()
function cached(text: string): Microversion {
  let version = known.get(text)
  if (!version) known.set(text, (version = Microversion.of(text)))
  return version
}

export interface MicroversionRange {
  min: string
  max: string
  /** the word after OpenStack-API-Version: `compute 2.47` */
  service: string
  /** older header that means the same, without the service's word (X-OpenStack-Nova-API-Version) */
  legacyHeader?: string
}

/** What the request's headers ask for; the minimum when they are silent. */
export function negotiate(range: MicroversionRange, headers: Record<string, string | string[] | undefined>): Microversion {
  const min = cached(range.min)
  const wanted = requested(range, headers)
  if (wanted === undefined) return min
  if (wanted === 'latest') return cached(range.max)
  const match = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(wanted)
  if (!match)
    throw badRequest(`API Version String ${wanted} is of invalid format. Must be of format MajorNum.MinorNum.`, {
      type: 'InvalidAPIVersionString',
    })
  const version = new Microversion(Number(match[1]), Number(match[2]))
  if (version.compare(min) < 0 || version.compare(cached(range.max)) > 0) {
    throw new ApiError(
      'not_acceptable',
      `Version ${wanted} is not supported by the API. Minimum is ${range.min} and maximum is ${range.max}.`,
    )
  }
  return version
}

function requested(range: MicroversionRange, headers: Record<string, string | string[] | undefined>): string | undefined {
  const standard = headers['openstack-api-version']
  for (const item of (Array.isArray(standard) ? standard.join(',') : (standard ?? '')).split(',')) {
    const [service, version, ...rest] = item.trim().split(/\s+/)
    if (service?.toLowerCase() === range.service && version && rest.length === 0)
      return version.toLowerCase() === 'latest' ? 'latest' : version
  }
  const legacy = range.legacyHeader ? headers[range.legacyHeader] : undefined
  return typeof legacy === 'string' ? legacy.trim() : undefined
}

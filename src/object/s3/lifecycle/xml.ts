// Rules of a lifecycle in S3's XML, both ways.
import type { LifecycleFilter, LifecycleRule } from '../../lifecycle/rules.ts'
import { S3Error } from '../errors.ts'
import { all, maybe, text, type XmlElement } from '../xml/read.ts'
import { xml, type Xml } from '../xml/write.ts'

const idAtMost = 255
const malformed = (): S3Error => new S3Error('MalformedXML')

export function ruleRead(element: XmlElement, newId: () => string): LifecycleRule {
  if (all(element, 'Transition').length + all(element, 'NoncurrentVersionTransition').length > 0) {
    throw new S3Error('NotImplemented', 'Objects cannot be moved to another storage class: there is one.')
  }
  const [id = '', status, prefix] = [text(element, 'ID'), text(element, 'Status'), text(element, 'Prefix')]
  if (id.length > idAtMost) throw new S3Error('InvalidArgument', `ID length should not exceed allowed limit of ${idAtMost}`)
  if (status !== 'Enabled' && status !== 'Disabled') throw malformed()
  const filter = maybe(element, 'Filter')
  if ((filter === undefined) === (prefix === undefined)) throw malformed()
  const rule: LifecycleRule = {
    id: id === '' ? newId() : id,
    enabled: status === 'Enabled',
    filter: filter ? filterRead(filter) : { prefix: prefix ?? '' },
    ...(prefix !== undefined && { hasPlainPrefix: true }),
    ...expirationRead(maybe(element, 'Expiration')),
    ...noncurrentRead(maybe(element, 'NoncurrentVersionExpiration')),
    ...abortRead(maybe(element, 'AbortIncompleteMultipartUpload')),
  }
  const { expireDays, expireAtUs, expireMarkers, noncurrentDays, abortDays } = rule
  if ([expireDays, expireAtUs, expireMarkers, noncurrentDays, abortDays].every((each) => each === undefined)) {
    throw new S3Error('InvalidRequest', 'At least one action needs to be specified in a rule')
  }
  const hasMore = rule.filter.tags !== undefined || rule.filter.sizeOver !== undefined || rule.filter.sizeUnder !== undefined
  if (hasMore && (abortDays !== undefined || expireMarkers !== undefined)) {
    throw new S3Error(
      'InvalidRequest',
      'Uploads and delete markers have no tags and no size: the filter of such a rule can only be a prefix',
    )
  }
  return rule
}

function filterRead(element: XmlElement): LifecycleFilter {
  const within = maybe(element, 'And')
  if (within && element.children.length > 1) throw malformed()
  if (!within && element.children.length > 1) throw malformed()
  const from = within ?? element
  const [prefix, over, under] = [text(from, 'Prefix'), text(from, 'ObjectSizeGreaterThan'), text(from, 'ObjectSizeLessThan')]
  const tags = all(from, 'Tag').map((tag): [string, string] => [text(tag, 'Key') ?? '', text(tag, 'Value') ?? ''])
  return {
    ...(prefix !== undefined && { prefix }),
    ...(over !== undefined && { sizeOver: whole(over, 0) }),
    ...(under !== undefined && { sizeUnder: whole(under, 1) }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
  }
}

function whole(word: string, atLeast: number): number {
  const value = Number(word.trim())
  if (!/^\s*-?\d{1,15}\s*$/.test(word)) throw malformed()
  if (value < atLeast) throw new S3Error('InvalidArgument', `${word.trim()} is not a valid value: at least ${atLeast} is needed`)
  return value
}

function expirationRead(element: XmlElement | undefined): Partial<LifecycleRule> {
  if (!element) return {}
  const [days, date, marker] = [text(element, 'Days'), text(element, 'Date'), text(element, 'ExpiredObjectDeleteMarker')]
  if ([days, date, marker].filter((each) => each !== undefined).length !== 1) throw malformed()
  if (days !== undefined) return { expireDays: whole(days, 1) }
  if (marker !== undefined) return { expireMarkers: marker.trim() === 'true' }
  const ms = Date.parse(date ?? '')
  if (Number.isNaN(ms)) throw malformed()
  if (ms % 86_400_000 !== 0) throw new S3Error('InvalidArgument', "'Date' must be at midnight GMT")
  return { expireAtUs: ms * 1000 }
}

function noncurrentRead(element: XmlElement | undefined): Partial<LifecycleRule> {
  const days = element && text(element, 'NoncurrentDays')
  const keep = element && text(element, 'NewerNoncurrentVersions')
  if (!element) return {}
  if (days === undefined) throw malformed()
  return { noncurrentDays: whole(days, 1), ...(keep !== undefined && { noncurrentKeep: whole(keep, 1) }) }
}

function abortRead(element: XmlElement | undefined): Partial<LifecycleRule> {
  if (!element) return {}
  return { abortDays: whole(text(element, 'DaysAfterInitiation') ?? '', 1) }
}

export function ruleView(rule: LifecycleRule): Xml {
  const { id, enabled, filter, expireDays, expireAtUs, expireMarkers, noncurrentDays, noncurrentKeep, abortDays } = rule
  const hasExpiration = expireDays !== undefined || expireAtUs !== undefined || expireMarkers !== undefined
  return xml(
    'Rule',
    xml('ID', id),
    rule.hasPlainPrefix ? xml('Prefix', filter.prefix ?? '') : filterView(filter),
    xml('Status', enabled ? 'Enabled' : 'Disabled'),
    hasExpiration &&
      xml(
        'Expiration',
        expireDays !== undefined && xml('Days', expireDays),
        expireAtUs !== undefined && xml('Date', new Date(expireAtUs / 1000).toISOString()),
        expireMarkers !== undefined && xml('ExpiredObjectDeleteMarker', String(expireMarkers)),
      ),
    noncurrentDays !== undefined &&
      xml(
        'NoncurrentVersionExpiration',
        xml('NoncurrentDays', noncurrentDays),
        noncurrentKeep !== undefined && xml('NewerNoncurrentVersions', noncurrentKeep),
      ),
    abortDays !== undefined && xml('AbortIncompleteMultipartUpload', xml('DaysAfterInitiation', abortDays)),
  )
}

function filterView({ prefix, tags = {}, sizeOver, sizeUnder }: LifecycleFilter): Xml {
  const parts = [
    ...(prefix === undefined ? [] : [xml('Prefix', prefix)]),
    ...Object.entries(tags).map(([key, value]) => xml('Tag', xml('Key', key), xml('Value', value))),
    ...(sizeOver === undefined ? [] : [xml('ObjectSizeGreaterThan', sizeOver)]),
    ...(sizeUnder === undefined ? [] : [xml('ObjectSizeLessThan', sizeUnder)]),
  ]
  return xml('Filter', parts.length > 1 ? xml('And', parts) : parts)
}

// What several answers show alike.
import type { ObjectRow } from '../store/tables.ts'
import { xml, type Xml } from './xml/write.ts'

/** Projects own; their id is all that is shown of them. */
export const owner = (account: string, name = 'Owner'): Xml => xml(name, xml('ID', account), xml('DisplayName', account))

/** In quotes. A manifest of Swift's gets a `-N`, so that clients do not take it for an MD5. */
export const etagShown = ({ etag, kind }: Pick<ObjectRow, 'etag' | 'kind'>): string =>
  `"${kind === 'slo' || kind === 'dlo' ? `${etag}-N` : etag}"`

export const quoted = (etag: string): string => `"${etag}"`

/** As requests name it: with or without quotes, Swift's manifests also as they were shown. */
export const etagBare = (text: string): string => text.trim().replace(/^W\//, '').replaceAll('"', '').replace(/-N$/, '')

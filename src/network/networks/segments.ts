// Segments: a network gets the type, physical network and number that the user asked for, or a free VXLAN number.
import type { Context } from '../../platform/context.ts'
import { ApiError, conflict } from '../../platform/errors.ts'
import { invalidInput } from '../faults.ts'
import { segmentGap, segmentInsert, type Segment } from './store.ts'
import type { NetworkRow } from '../store/tables.ts'

type SegmentType = NetworkRow['network_type']

/** The physical networks of this cloud: `public` is the machine's own door. */
const physicalNetworks = ['public']

interface TypeFacts {
  /** numbers that may be given by an admin and are taken for tenants */
  numbers: { first: number; last: number } | null
  /** 'must': names a physical network; 'never': has none */
  physical: 'must' | 'never'
  mtuBytes: number
}

const types: Record<SegmentType, TypeFacts> = {
  local: { numbers: null, physical: 'never', mtuBytes: 1500 },
  flat: { numbers: null, physical: 'must', mtuBytes: 1500 },
  vlan: { numbers: { first: 1, last: 4094 }, physical: 'must', mtuBytes: 1500 },
  vxlan: { numbers: { first: 1, last: 16_777_215 }, physical: 'never', mtuBytes: 1450 },
  gre: { numbers: { first: 1, last: 4_294_967_295 }, physical: 'never', mtuBytes: 1458 },
}

export interface SegmentWish {
  'provider:network_type'?: string | undefined
  'provider:physical_network'?: string | null | undefined
  'provider:segmentation_id'?: number | null | undefined
}

export interface SegmentChoice {
  network_type: SegmentType
  physical_network: string | null
  segmentation_id: number | null
}

export const maxMtuBytes = (type: SegmentType): number => types[type].mtuBytes

const displayName: Record<SegmentType, string> = { local: 'local', flat: 'flat', vlan: 'VLAN', vxlan: 'vxlan', gre: 'gre' }

/** Checks what an admin asked for; what is not said is chosen by `segmentTake`. */
export function segmentChoose(wish: SegmentWish): SegmentChoice {
  const { 'provider:network_type': asked, 'provider:physical_network': physical = null, 'provider:segmentation_id': number = null } = wish
  if (asked === undefined) {
    if (physical !== null || number !== null) throw invalidInput('network_type required')
    return { network_type: 'vxlan', physical_network: null, segmentation_id: null }
  }
  if (!Object.hasOwn(types, asked)) throw invalidInput(`network_type value '${asked}' not supported`)
  const type = asked as SegmentType
  const facts = types[type]
  if (facts.physical === 'must' && physical === null)
    throw invalidInput(`physical_network required for ${displayName[type]} provider network`)
  if (facts.physical === 'must' && !physicalNetworks.includes(physical ?? ''))
    throw invalidInput(`physical_network '${physical}' unknown for ${displayName[type]} provider network`)
  if (facts.physical === 'never' && physical !== null)
    throw invalidInput(`provider:physical_network specified for ${displayName[type]} network`)
  if (number !== null && facts.numbers === null) throw invalidInput(`provider:segmentation_id specified for ${displayName[type]} network`)
  if (number !== null && facts.numbers && (number < facts.numbers.first || number > facts.numbers.last)) {
    throw invalidInput(`segmentation_id out of range (${facts.numbers.first} through ${facts.numbers.last})`)
  }
  return { network_type: type, physical_network: physical, segmentation_id: number }
}

/** Takes the segment for the network, in its own transaction; returns the number. */
export async function segmentTake(tx: Context, networkId: string, choice: SegmentChoice): Promise<number | null> {
  const { network_type, physical_network, segmentation_id } = choice
  const facts = types[network_type]
  if (network_type === 'local') return null
  const segment = (number: number): Segment => ({
    network_type,
    physical_network: physical_network ?? '',
    segmentation_id: number,
    network_id: networkId,
  })
  if (facts.numbers === null) {
    if (await segmentInsert(tx.db, segment(0))) return null
    throw conflict(`Unable to create the flat network. Physical network ${physical_network} is in use.`, { type: 'FlatNetworkInUse' })
  }
  if (segmentation_id !== null) {
    if (await segmentInsert(tx.db, segment(segmentation_id))) return segmentation_id
    if (network_type === 'vlan')
      throw conflict(`Unable to create the network. The VLAN ${segmentation_id} on physical network ${physical_network} is in use.`, {
        type: 'VlanIdInUse',
      })
    throw conflict(`Unable to create the network. The tunnel ID ${segmentation_id} is in use.`, { type: 'TunnelIdInUse' })
  }
  const { first, last } = facts.numbers
  const start = first + Math.floor(tx.ids.fraction() * (last - first + 1))
  if (await segmentInsert(tx.db, segment(start))) return start
  const free =
    (await segmentGap(tx.db, segment(0), { from: start, to: last })) ?? (await segmentGap(tx.db, segment(0), { from: first, to: start }))
  if (free !== null && (await segmentInsert(tx.db, segment(free)))) return free
  throw new ApiError('unavailable', 'Unable to create the network. No tenant network is available for allocation.', {
    type: 'NoNetworkAvailable',
  })
}

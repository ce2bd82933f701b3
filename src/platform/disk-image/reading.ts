// What the readers of the formats have in common: what one of them found, and its large numbers.

export type ImageFormat = 'raw' | 'qcow2' | 'qed' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'iso' | 'gpt' | 'luks' | 'qcow'

export interface ImageInspection {
  /** 'raw' when nothing else fits; 'gpt' is raw with a partition table (or only an MBR) */
  format: ImageFormat
  /** null: the format does not say (raw: its length is its size) */
  virtualSizeBytes: number | null
  /** why the image must be refused, for its owner to read; empty: nothing found */
  faults: string[]
}

/** What one format's reader found; undefined: this is not it. */
export type Found = Omit<ImageInspection, 'format'>

/** A size as a number; beyond 2⁵³ it is absurd anyway and stays above every limit. */
export const safeNumber = (value: bigint): number =>
  Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) : value)

// Glance's default limits.
import type { Limits } from '../platform/quota.ts'

/** per project; -1 is unlimited */
export const imageQuotas: Limits = {
  image_size_total: -1,
  image_stage_total: -1,
  image_count_total: -1,
  image_count_uploading: -1,
}

/** per image */
export const limits = {
  properties: 128,
  tags: 128,
  members: 128,
  /** 1 TiB: Glance's image_size_cap */
  bytes: 1_099_511_627_776,
}

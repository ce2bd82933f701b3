// Nova's default limits; -1 is unlimited.
import type { Limits } from '../../platform/quota.ts'

export const computeQuotas: Limits = {
  instances: 10,
  cores: 20,
  ram: 51200,
  metadata_items: 128,
  injected_files: 5,
  injected_file_content_bytes: 10240,
  injected_file_path_bytes: 255,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
}

/** A user's own limits within a project are kept under a service name of their own. */
export const userService = (userId: string): string => `compute/${userId}`

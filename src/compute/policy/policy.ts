// Nova's policy as data: rule names and defaults as operators know them (oslo.policy syntax, Keystone's personas).
import type { Rules } from '../../platform/api/policy.ts'
import { cloudPolicy } from './cloud.ts'
import { serverPolicy } from './servers.ts'

export const computePolicy: Rules = {
  ...serverPolicy,
  ...cloudPolicy,
  'os_compute_api:os-keypairs:index': 'rule:context_is_admin or user_id:%(user_id)s',
  'os_compute_api:os-keypairs:create': 'rule:context_is_admin or user_id:%(user_id)s',
  'os_compute_api:os-keypairs:show': 'rule:context_is_admin or user_id:%(user_id)s',
  'os_compute_api:os-keypairs:delete': 'rule:context_is_admin or user_id:%(user_id)s',
}

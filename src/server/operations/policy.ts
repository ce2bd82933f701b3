// Who may look into the cloud's own work and steer it: its operators. One rule an operation.
import type { Rules } from '../../platform/api/policy.ts'

export const operationsPolicy: Rules = {
  'stackling:why:show': 'rule:admin_required',
  'stackling:work:list': 'rule:admin_required',
  'stackling:work:retry': 'rule:admin_required',
  'stackling:work:cancel': 'rule:admin_required',
  'stackling:fsck:show': 'rule:admin_required',
  'stackling:fsck:run': 'rule:admin_required',
  'stackling:metrics:show': 'rule:admin_required',
}

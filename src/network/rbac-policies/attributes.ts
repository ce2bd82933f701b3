// The attributes of RBAC policies.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import { text } from '../api/readers.ts'

export const rbacPolicyAttributes = {
  id: shown,
  object_type: fixed(text(255)),
  object_id: fixed(text(36), { refers: 'own' }),
  target_tenant: settable(text(255), { ...guarded }),
  action: fixed(text(255)),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
} satisfies Attributes

// The attributes of address scopes.
import { fixed, guarded, settable, shown, type Attributes } from '../api/attribute.ts'
import { boolean, ipVersion, text } from '../api/readers.ts'

export const addressScopeAttributes = {
  id: shown,
  name: settable(text(255), { default: '' }),
  project_id: fixed(text(255), { default: undefined }),
  tenant_id: fixed(text(255), { default: undefined }),
  shared: settable(boolean, { default: false, ...guarded }),
  ip_version: fixed(ipVersion),
} satisfies Attributes

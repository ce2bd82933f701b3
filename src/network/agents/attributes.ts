// The attributes of agents.
import { settable, shown, type Attributes } from '../api/attribute.ts'
import { boolean, orNull, text } from '../api/readers.ts'

export const agentAttributes = {
  id: shown,
  agent_type: shown,
  binary: shown,
  topic: shown,
  host: shown,
  admin_state_up: settable(boolean),
  created_at: shown,
  started_at: shown,
  heartbeat_timestamp: shown,
  alive: shown,
  configurations: shown,
  description: settable(orNull(text(255))),
  availability_zone: shown,
  resources_synced: shown,
} satisfies Attributes

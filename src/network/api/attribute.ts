// What an API resource's attribute is: may it be set, what does it default to, how is it read, whom does a policy
// rule of its own guard it from. Tables of these, one per resource, stand in attributes/.

/** Checks and converts a value as sent; throws 400 in Neutron's words. */
export type Read = (value: unknown, name: string) => unknown

export interface Attribute {
  /** may be given in a create */
  post?: boolean
  /** may be given in an update */
  put?: boolean
  /** what a create without it gets; no `default` key and post: it must be given; undefined: stays open */
  default?: unknown
  read?: Read
  /** `create_x:name`, `update_x:name` and `get_x:name` are asked, where such rules exist */
  guarded?: boolean
  /** never shown */
  hidden?: boolean
  /**
   * The kind of resource that the value names: looked up with the actor's own right to see it (references.ts) before
   * any logic runs, so that nobody learns of, or leans on, what he may not see. Must be said of every id (test).
   */
  refers?: ReferredKind
}

/** 'target': it is what the policy's target is made of (Resource.createTarget), which looks it up; 'own': looked for among what belongs to the resource. */
export type ReferredKind = 'security_group' | 'address_group' | 'subnetpool' | 'address_scope' | 'network' | 'port' | 'target' | 'own'

export type Attributes = Record<string, Attribute>

/** Only shown. */
export const shown: Attribute = {}

/** May be created with, then stays. */
export const fixed = (read: Read, rest: Omit<Attribute, 'read' | 'post'> = {}): Attribute => ({ post: true, read, ...rest })

/** May be created with and changed. */
export const settable = (read: Read, rest: Omit<Attribute, 'read' | 'post' | 'put'> = {}): Attribute => ({
  post: true,
  put: true,
  read,
  ...rest,
})

/** `guarded: true` under another name, for tables. */
export const guarded = { guarded: true } as const

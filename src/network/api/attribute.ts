// What an API resource's attribute is: may it be set, what does it default to, how is it read, whom does a policy
// rule of its own guard it from. Tables of these, one per resource, stand in attributes/.

/** Checks and converts a value as sent; throws 400 in Neutron's words. */
export type Read<T = unknown> = (value: unknown, name: string) => T

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

/** 'target': what it is made on, which Resource.parent looks up; 'own': looked for among what belongs to the resource. */
export type ReferredKind = 'security_group' | 'address_group' | 'subnetpool' | 'address_scope' | 'network' | 'port' | 'target' | 'own'

export type Attributes = Record<string, Attribute>

/** Only shown. */
export const shown: Attribute = {}

type Rest<Default> = Omit<Attribute, 'read' | 'post' | 'put' | 'default'> & { default?: Default }
/** What stands for "no default": the attribute must be given. */
type Needed = typeof needed
declare const needed: unique symbol
interface Settled<T, Default> extends Rest<Default> {
  post: true
  read: Read<T>
}

/** May be created with, then stays. */
export const fixed = <T, Default = Needed>(read: Read<T>, rest: Rest<Default> = {}): Settled<T, Default> => ({ post: true, read, ...rest })

/** May be created with and changed. */
export const settable = <T, Default = Needed>(read: Read<T>, rest: Rest<Default> = {}): Settled<T, Default> & { put: true } => ({
  post: true,
  put: true,
  read,
  ...rest,
})

/** May be changed, once the resource is there. */
export const changeable = <T>(read: Read<T>): { put: true; read: Read<T> } => ({ put: true, read })

/** `guarded: true` under another name, for tables. */
export const guarded = { guarded: true } as const

type Value<A> = A extends { read: Read<infer T> } ? T : never
type Owner = 'project_id' | 'tenant_id'
/** The attributes that a create may leave open. */
type Open<A> = { [K in keyof A]: A[K] extends Settled<unknown, infer Default> ? (Default extends undefined ? K : never) : never }[keyof A]
type Posted<A> = { [K in keyof A]: A[K] extends { post: true } ? K : never }[keyof A]

/** What a create is given, by the attribute table: what was sent, as it was read, and the defaults. */
export type Created<A> = { [K in Exclude<Posted<A>, Open<A> | Owner>]: Value<A[K]> } & {
  [K in Exclude<Open<A>, Owner>]?: Value<A[K]>
} & { project_id: string }

/** What an update is given: what was sent, as it was read. */
export type Changed<A> = { [K in keyof A as A[K] extends { put: true } ? K : never]?: Value<A[K]> }

// The context: first parameter of nearly every function. It carries who asks, on whose store, clock and ids, and
// what the operation is allowed to do. There are no singletons: a test or a simulation makes its own.
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { ApiError, assert } from './errors.ts'
import type { HostRegistry } from './hosts.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { Service } from './api/operation.ts'
import type { Credentials, Policy, Target } from './api/policy.ts'
import { Microversion } from './api/microversion.ts'
import { timelineBegin } from './events/buffer.ts'
import type { Db, Store } from './store/store.ts'
import type { WorkQueue } from './work/queue.ts'

/** What the whole process shares, made once by `server`. */
export interface Platform {
  config: Config
  store: Store
  /** domains' own stores, by name (Domain.ownStore) */
  stores: ReadonlyMap<string, Store>
  clock: Clock
  ids: Ids
  log: Log
  policy: Policy
  hosts: HostRegistry
  work: WorkQueue
  /** no other process uses the store: what is cached need not ask it whether it changed */
  exclusive: boolean
  /** what this process serves: one service may call another (api/local-call.ts) */
  services: Service[]
  /** per-process caches by name, bounded by their makers: `cache(ctx, 'identity.tokens', () => new LRUCache(…))` */
  caches: Map<string, unknown>
}

/** Every store of the process, each with a timeline of its own. */
export const allStores = ({ store, stores }: Pick<Platform, 'store' | 'stores'>): Store[] => [store, ...stores.values()]

/** Who asks: a verified token's content, work that was accepted, or the cloud itself. */
export interface Actor {
  /**
   * Absent: somebody with a token. 'work': what was accepted goes on in their name, without any right; it may ask no policy, since all
   * that they named was looked up with their rights when it was accepted. 'cloud': the cloud itself, which may do everything.
   */
  kind?: 'work' | 'cloud'
  userId: string
  userName: string
  userDomainId: string
  userDomainName: string
  projectId: string | null
  projectName: string | null
  projectDomainId: string | null
  projectDomainName: string | null
  domainId: string | null
  systemScope: boolean
  /** role names; ids stand beside them in the token only */
  roles: string[]
  /** how the token was won, and by which delegation: application credential id, trust id */
  methods: string[]
  applicationCredentialId: string | null
  /** set when the token was won by delegation: what it may do then stands in identity/permission.ts */
  trustId?: string | null
  accessTokenId?: string | null
  /** an application credential that may not make further ones */
  restricted?: boolean
  /** requests that an application credential is limited to; null: all */
  accessRules?: { service: string; method: string; path: string }[] | null
  expiresAtMs: number
  auditIds: string[]
}

/** The cloud itself as actor: allowed everything, belongs to no project. Made into a context by `asCloud` and `Context.ofCloud` only. */
const cloudActor: Actor = {
  kind: 'cloud',
  userId: 'stackling',
  userName: 'stackling',
  userDomainId: 'default',
  userDomainName: 'Default',
  projectId: null,
  projectName: null,
  projectDomainId: null,
  projectDomainName: null,
  domainId: null,
  systemScope: true,
  roles: ['admin', 'service'],
  methods: [],
  applicationCredentialId: null,
  expiresAtMs: Number.MAX_SAFE_INTEGER,
  auditIds: [],
}

/** Work outlives tokens: it goes on in the name of who asked (events, projects, quotas are theirs), with a mark in place of roles. */
export const workActor = (asker: Actor): Actor => ({ ...asker, kind: 'work', roles: [], expiresAtMs: Number.MAX_SAFE_INTEGER })

/** Whose reconcilers run: nobody's, since a round looks after what many asked for, and without any right. */
export const reconcilerActor: Actor = workActor(cloudActor)

export interface ContextInit {
  actor: Actor
  requestId: string
  /** the operation's declared policy rule */
  rule?: string
  microversion?: Microversion
}

const credentialsKnown = new WeakMap<Actor, Credentials>()

/** What rules may ask of a token, by the names that they use. */
export function credentialsOf(actor: Actor): Credentials {
  assert(
    actor.kind !== 'work',
    'work asked the policy: whatever a user named must be looked up with their rights, in the transaction that accepts it',
  )
  let known = credentialsKnown.get(actor)
  if (known) return known
  known = {
    roles: actor.roles,
    user_id: actor.userId,
    project_id: actor.projectId,
    tenant_id: actor.projectId,
    domain_id: actor.domainId,
    user_domain_id: actor.userDomainId,
    project_domain_id: actor.projectDomainId,
    system_scope: actor.systemScope ? 'all' : null,
    is_admin: actor.roles.includes('admin'),
    is_admin_project: true,
    is_cloud: actor.kind === 'cloud',
    token: { domain: { id: actor.domainId }, project: { domain: { id: actor.projectDomainId } } },
  }
  credentialsKnown.set(actor, known)
  return known
}

/** Does the actor's token have this role? For grants that name a role by what a user wrote (an object container's ACL); else the policy is asked. */
export const hasRole = ({ roles }: Actor, wanted: string): boolean => roles.some((role) => role.toLowerCase() === wanted.toLowerCase())

const noMicroversion = new Microversion(0, 0)

export class Context {
  readonly config: Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly hosts: HostRegistry
  readonly work: WorkQueue
  readonly caches: Map<string, unknown>
  /** the store, or the transaction that this context is in */
  readonly db: Db
  readonly actor: Actor
  readonly requestId: string
  readonly rule: string | null
  readonly microversion: Microversion
  readonly platform: Platform
  /** shared by all contexts of one request: did anything ask the policy? */
  #authorization: { asked: boolean }

  constructor(platform: Platform, init: ContextInit, inner?: { db: Db; authorization: { asked: boolean } }) {
    this.platform = platform
    this.config = platform.config
    this.clock = platform.clock
    this.ids = platform.ids
    this.log = platform.log
    this.hosts = platform.hosts
    this.work = platform.work
    this.caches = platform.caches
    this.actor = init.actor
    this.requestId = init.requestId
    this.rule = init.rule ?? null
    this.microversion = init.microversion ?? noMicroversion
    this.db = inner?.db ?? platform.store
    this.#authorization = inner?.authorization ?? { asked: false }
  }

  /** The project of the token; a token without one is refused. */
  get projectId(): string {
    if (this.actor.projectId === null) throw new ApiError('forbidden', 'The token is not scoped to a project: ask for one with a project.')
    return this.actor.projectId
  }

  get credentials(): Credentials {
    return credentialsOf(this.actor)
  }

  /**
   * May this actor do that to this target? The rule is the operation's declared one unless another is named.
   * The target is the stored row (with project_id, user_id, …), by default the actor's own project.
   */
  allows(target?: Target, rule: string | null = this.rule): boolean {
    this.#authorization.asked = true
    assert(rule, 'a policy question without a rule')
    const own = target ?? {
      project_id: this.actor.projectId,
      user_id: this.actor.userId,
      tenant_id: this.actor.projectId,
      domain_id: this.actor.domainId,
    }
    return this.platform.policy.allows(rule, own, this.credentials, this.rule)
  }

  /** Is the actor an admin by the domain's own `context_is_admin`? For what an answer holds; it is no question about the operation. */
  get isAdmin(): boolean {
    return this.platform.policy.allows('context_is_admin', {}, this.credentials, this.rule)
  }

  /** Like `allows`, but refuses with 403. */
  authorize(target?: Target, rule: string | null = this.rule): void {
    if (!this.allows(target, rule))
      throw new ApiError('forbidden', `Policy doesn't allow ${rule} to be performed.`, { type: 'PolicyNotAuthorized' })
  }

  /** The API layer's last check: an operation that answered without having asked the policy is a bug. */
  get wasAuthorized(): boolean {
    return this.#authorization.asked
  }

  /**
   * Everything in `work` is one commit. `tx` is this context with `db` bound to the transaction; inside another
   * transaction it simply joins it, so that faces of domains compose. Never wait for the outside world in it.
   */
  async transaction<T>(work: (tx: Context) => Promise<T>): Promise<T> {
    if (this.db.inTransaction) return work(this)
    return this.platform.store.transaction((db) => {
      const tx = this.#with(db)
      timelineBegin(tx)
      return work(tx)
    })
  }

  /**
   * The same request acting as the cloud itself, for what nobody's rights decide. The reason stands for the reader; test/tidy-rights.test.ts
   * counts the callers. No id that a user named may be looked up by it.
   */
  asCloud(_reason: string): Context {
    return new Context(
      this.platform,
      { ...this.#init(), actor: { ...cloudActor, projectId: this.actor.projectId } },
      { db: this.db, authorization: { asked: true } },
    )
  }

  /** The cloud itself, for what no request asked for. Its callers are counted too. */
  static ofCloud(platform: Platform, _reason: string, requestId = `req-${platform.ids.uuid()}`): Context {
    return new Context(platform, { actor: cloudActor, requestId })
  }

  #with(db: Db): Context {
    return new Context(this.platform, this.#init(), { db, authorization: this.#authorization })
  }
  #init(): ContextInit {
    const init: ContextInit = { actor: this.actor, requestId: this.requestId, microversion: this.microversion }
    if (this.rule !== null) init.rule = this.rule
    return init
  }
}

/** A per-process cache, made at first use. */
export function cache<T>(ctx: { caches: Map<string, unknown> }, name: string, make: () => T): T {
  let found = ctx.caches.get(name) as T | undefined
  if (found === undefined) ctx.caches.set(name, (found = make()))
  return found
}

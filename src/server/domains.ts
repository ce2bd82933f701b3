// Every domain of the product, and the service that looks into their work. `server` alone knows them all.
import { eventMigrations } from '../platform/events.ts'
import { timelineCheck } from '../platform/events/fold.ts'
import { quotaFacts, quotaMigrations } from '../platform/quota.ts'
import { workMigrations } from '../platform/work/items.ts'
import type { Check } from '../platform/fsck/check.ts'
import { workCheck } from '../platform/fsck/work-check.ts'
import type { Domain } from '../platform/api/operation.ts'
import type { TablesOfDomain } from '../platform/store/migrate.ts'
import type { FactsOf } from '../platform/store/facts.ts'
import { settingsMigrations } from './settings.ts'
import { computeDomain } from '../compute/domain.ts'
import { identityDomain } from '../identity/domain.ts'
import { imageDomain } from '../image/domain.ts'
import { networkDomain } from '../network/domain.ts'
import { objectDomain } from '../object/domain.ts'
import { placementDomain } from '../placement/domain.ts'
import { volumeDomain } from '../volume/domain.ts'
import { operationsDomain } from './operations/index.ts'

/** In the order in which they start: what others stand on comes first. */
const products: Domain[] = [
  identityDomain,
  placementDomain,
  imageDomain,
  networkDomain,
  volumeDomain,
  computeDomain,
  // stands on identity alone
  objectDomain,
]

/** What the timeline is told of every domain's rows. */
export const facts: FactsOf = Object.assign({}, quotaFacts, ...products.map((domain) => domain.facts))

/** What fsck compares: guests first, since much is mended only when no guest holds it any more. */
export const checks: Check[] = [workCheck, ...[...products].reverse().flatMap((domain) => domain.checks ?? []), timelineCheck(facts)]

export const domains: Domain[] = [...products, operationsDomain({ products, checks })]

export const migrationLists: TablesOfDomain[] = [
  { domain: 'work', migrations: workMigrations },
  { domain: 'events', migrations: eventMigrations },
  { domain: 'quota', migrations: quotaMigrations },
  { domain: 'server', migrations: settingsMigrations },
  ...domains.map(({ name, migrations, columns }) => ({ domain: name, migrations, columns })),
]

/** Of each store that a domain has of its own, by name: a timeline and the domain's tables. */
export const ownMigrationLists: ReadonlyMap<string, TablesOfDomain[]> = new Map(
  domains.flatMap(({ name, ownStore }) =>
    ownStore === undefined
      ? []
      : [
          [
            ownStore.name,
            [
              { domain: 'events', migrations: eventMigrations },
              { domain: name, migrations: ownStore.migrations, columns: ownStore.columns },
            ],
          ] as const,
        ],
  ),
)

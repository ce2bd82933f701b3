// A bucket's settings as the door reads and writes them: what both doors' decision needs, and what is S3's alone.
import type { AccessSettings } from '../access/index.ts'
import { containerUpdate } from '../engine/index.ts'
import type { ContainerRow } from '../store/tables.ts'
import type { CorsRule } from './cors/rules.ts'
import type { LifecycleRule } from '../lifecycle/rules.ts'
import type { BucketLock } from './lock/bucket-lock.ts'
import type { S3Answer, S3Call } from './operation.ts'

export interface BucketSettings extends AccessSettings {
  cors?: CorsRule[]
  lifecycle?: LifecycleRule[]
  lock?: BucketLock
  /** every object is encrypted by a key of its own, which the cloud keeps */
  encryption?: 'AES256'
}

export const settingsOf = (container: Pick<ContainerRow, 'settings'>): BucketSettings => container.settings as BucketSettings

type Patch = { [Name in keyof BucketSettings]?: BucketSettings[Name] | null }

/** Sets what is given, removes what is null, and answers that nothing more is to be said. */
export async function settingsSet({ engine, by, bucket }: S3Call, settings: Patch, answer: S3Answer = {}): Promise<S3Answer> {
  await containerUpdate(engine, { by, account: bucket.account, name: bucket.name, settings })
  return answer
}

// Who may do what: the question that both doors ask, and its answer.
import type { Actor } from '../../platform/context.ts'
import type { ContainerRow, ObjectRow } from '../store/tables.ts'
import type { Act } from './acts.ts'

export interface Question {
  /** null: nobody said who they are */
  who: Actor | null
  /** the one whose service token came along: accounts of a service want both */
  service?: Actor | null
  /** row key of the account: a project's id, or SERVICE_ and the id */
  account: string
  container?: Pick<ContainerRow, 'name' | 'metadata' | 'settings'> | null
  /** its name, also where there is none yet */
  objectName?: string
  object?: Pick<ObjectRow, 'name' | 'system' | 'metadata'> | null
  act: Act
  /** what S3 calls it, where the act alone does not say: 's3:GetBucketPolicy' */
  action?: string
  /** what only the door knows of the request, by the keys of a policy's conditions: 's3:prefix' */
  facts?: Record<string, string[]>
  /** the Referer header */
  referrer?: string | undefined
  /** the asker's address */
  source?: string
  /** came by TLS */
  secure?: boolean
}

export interface Verdict {
  may: boolean
  /** may see and set what is the owner's alone: ACLs, keys */
  owner: boolean
  /** what decided: for the log and for quotas, of which a reseller is free */
  because: 'reseller' | 'system-reader' | 'operator' | 'reader' | 'acl' | 'referrer' | 'role' | 's3' | 'refused'
}

export const refused: Verdict = { may: false, owner: false, because: 'refused' }

// Allocation candidates: which providers, alone or together, can give what is asked for.
import type { Context } from '../platform/context.ts'

export interface CandidateRequest {
  resources: Record<string, number>
  requiredTraits?: string[]
  forbiddenTraits?: string[]
  /** each: member of any of these aggregates */
  memberOf?: string[][]
  limit?: number
}

export interface Candidates {
  /** provider's id → resource class → amount */
  allocationRequests: Record<string, Record<string, number>>[]
}

/** For the scheduler: the single-provider question, without the API's syntax. */
export async function allocationCandidatesFind(_ctx: Context, _request: CandidateRequest): Promise<Candidates> {
  throw new Error('not yet')
}

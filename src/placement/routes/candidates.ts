// /allocation_candidates.
import { operation, type Operation } from '../../platform/api/operation.ts'
import { badRequest } from '../../platform/errors.ts'
import { parseCandidateRequest, type Query } from '../candidate-request.ts'
import { searchCandidates } from '../candidate-search.ts'
import { noSuchClass } from '../failures.ts'
import { unknownClasses } from '../resource-classes.ts'
import { snapshotTake } from '../snapshot.ts'
import { unknownTraits } from '../traits.ts'
import { candidatesView } from '../views/candidates.ts'
import { all, answer } from './answer.ts'

export const candidateOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/allocation_candidates',
    summary: 'List allocation candidates',
    policy: 'placement:allocation_candidates:list',
    versions: ['1.10', null],
    status: 200,
    async handler(ctx, http) {
      ctx.authorize()
      const query: Query = Object.keys(http.query).map((name) => [name, all(http, name)])
      const request = parseCandidateRequest(ctx, query)
      const [unknownClass] = await unknownClasses(ctx.db, [...new Set(request.groups.flatMap(({ resources }) => Object.keys(resources)))])
      if (unknownClass !== undefined) throw badRequest(`Invalid resource class in resources parameter: ${noSuchClass(unknownClass)}`)
      const traits = request.groups.flatMap(({ required, forbidden }) => [...required.flat(), ...forbidden])
      const unknown = await unknownTraits(ctx.db, [...traits, ...request.rootRequired, ...request.rootForbidden])
      if (unknown.length > 0) throw badRequest(`No such trait(s): ${unknown.join(', ')}.`)
      const snapshot = await snapshotTake(ctx)
      return answer(ctx, candidatesView(ctx, snapshot, request, searchCandidates(snapshot, request)))
    },
  }),
]
